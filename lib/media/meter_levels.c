/* SPDX-License-Identifier: MIT */

/* Sums over samples, a block of one channel at a time so that the compiler can use wide registers.
 */

#include "media/meter_levels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/samplefmt.h>

#include "base/memory.h"

enum { BLOCK = 1024 };

/* silencedetect's usual threshold, and a stretch that no wave form of sound stays below it for. */
static const double quiet_level = 0.001;
static const double silence_s = 0.1;

/* Makes a function that copies samples to double, with full scale 1. */
#define LOADER(name, type, zero, scale)                                                            \
    static void load_##name(const void *from, ptrdiff_t step, int count, double *to)               \
    {                                                                                              \
        const type *at = from;                                                                     \
                                                                                                   \
        for (int i = 0; i < count; i++)                                                            \
            to[i] = ((double)at[i * step] - (zero)) * (scale);                                     \
    }

LOADER(u8, uint8_t, 128, 0x1p-7)
LOADER(s16, int16_t, 0, 0x1p-15)
LOADER(s32, int32_t, 0, 0x1p-31)
LOADER(s64, int64_t, 0, 0x1p-63)
LOADER(flt, float, 0, 1)
LOADER(dbl, double, 0, 1)

struct reader {
    void (*load)(const void *from, ptrdiff_t step, int count, double *to);
    double top; /* what counts as the upper end of the scale */
};

/* Wide integers often hold 24 bits, whose upper end is a little below theirs. */
static struct reader reader_of(enum AVSampleFormat format)
{
    switch (av_get_packed_sample_fmt(format)) {
    case AV_SAMPLE_FMT_U8:
        return (struct reader){ load_u8, 1 - 0x1p-7 };
    case AV_SAMPLE_FMT_S16:
        return (struct reader){ load_s16, 1 - 0x1p-15 };
    case AV_SAMPLE_FMT_S32:
        return (struct reader){ load_s32, 1 - 0x1p-23 };
    case AV_SAMPLE_FMT_S64:
        return (struct reader){ load_s64, 1 - 0x1p-23 };
    case AV_SAMPLE_FMT_FLT:
        return (struct reader){ load_flt, 1 };
    default:
        return (struct reader){ load_dbl, 1 };
    }
}

static void add_block(struct meter_levels *levels, int channel, const double *values, int count,
                      double top)
{
    double sum = 0;
    double squares = 0;
    double peak = 0;
    unsigned clipped = 0;

    for (int i = 0; i < count; i++) {
        double value = values[i];
        double size = fabs(value);

        sum += value;
        squares += value * value;
        peak = size > peak ? size : peak;
        clipped += (value >= top) | (value <= -1);
    }
    levels->sums[channel] += sum;
    levels->squares += squares;
    levels->peak = fmax(levels->peak, peak);
    levels->clipped += clipped;
}

static void end_silence(struct meter_levels *levels)
{
    if ((double)levels->quiet >= silence_s * levels->rate)
        levels->silent += levels->quiet;
    levels->quiet = 0;
}

static void add_silence(struct meter_levels *levels, const double *loudest, int count)
{
    for (int i = 0; i < count; i++) {
        if (loudest[i] < quiet_level)
            levels->quiet++;
        else if (levels->quiet)
            end_silence(levels);
    }
}

static const uint8_t *samples_of(const AVFrame *frame, int channel, int first, ptrdiff_t *step)
{
    int bytes = av_get_bytes_per_sample(frame->format);
    bool planar = av_sample_fmt_is_planar(frame->format);

    *step = planar ? 1 : frame->ch_layout.nb_channels;
    return planar ? frame->extended_data[channel] + (ptrdiff_t)first * bytes
                  : frame->extended_data[0] + (first * *step + channel) * bytes;
}

void meter_levels_add(struct meter_levels *levels, const AVFrame *frame)
{
    struct reader reader = reader_of(frame->format);
    double values[BLOCK];
    double loudest[BLOCK];

    if (!levels->sums) {
        levels->channels = frame->ch_layout.nb_channels;
        levels->rate = frame->sample_rate;
        levels->sums = memory_new((size_t)levels->channels, sizeof(*levels->sums));
    }
    for (int first = 0; first < frame->nb_samples; first += BLOCK) {
        int left = frame->nb_samples - first;
        int count = left < BLOCK ? left : BLOCK;

        memset(loudest, 0, sizeof(loudest));
        for (int channel = 0; channel < levels->channels; channel++) {
            ptrdiff_t step;
            const uint8_t *from = samples_of(frame, channel, first, &step);

            reader.load(from, step, count, values);
            add_block(levels, channel, values, count, reader.top);
            for (int i = 0; i < count; i++)
                loudest[i] = fmax(loudest[i], fabs(values[i]));
        }
        add_silence(levels, loudest, count);
    }
    levels->samples += (uint64_t)frame->nb_samples;
}

void meter_levels_release(struct meter_levels *levels)
{
    free(levels->sums);
    levels->sums = NULL;
}

void meter_levels_read(const struct meter_levels *levels, struct measurements *found)
{
    struct meter_levels last = *levels;
    double samples = (double)levels->samples;
    double offset = 0;

    end_silence(&last);
    for (int i = 0; i < levels->channels; i++) {
        if (fabs(levels->sums[i]) > fabs(offset))
            offset = levels->sums[i];
    }
    /* Of no samples at all these are no numbers, as of silence the levels. */
    found->peak_dbfs = 20 * log10(levels->peak);
    found->rms_dbfs = 10 * log10(levels->squares / (samples * levels->channels));
    found->dc_offset = offset / samples;
    found->silent_share = (double)last.silent / samples;
    found->clipped = levels->clipped;
}
