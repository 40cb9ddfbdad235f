/* SPDX-License-Identifier: MIT */

/*
 * Repeats what the filters aresample and abuffersink of libavfilter do with frames: how many
 * samples are asked of a conversion, which times its result gets, and how frames are cut to the
 * encoder's size. Their own way costs more than the conversion of short frames itself.
 */

#include "media/resampler.h"

#include <stdbool.h>
#include <stdlib.h>

#include <libavfilter/buffersink.h>
#include <libavutil/avutil.h>
#include <libavutil/channel_layout.h>
#include <libavutil/macros.h>
#include <libavutil/samplefmt.h>
#include <libswresample/swresample.h>

#include "base/memory.h"
#include "media/conversion.h"
#include "media/sample_clock.h"
#include "media/time_math.h"

enum {
    ROOM = 32,        /* samples by which rounding may exceed the ratio of the rates */
    HELD_MOST = 4096, /* of what is held back, at a time */
    BUFFERS = 8,      /* that are used again; more are seldom out at once */
};

struct resampler {
    SwrContext *swr; /* borrowed from the graph; NULL: frames are fine as they are */
    struct sample_clock clock;
    enum AVSampleFormat format;
    AVChannelLayout layout;
    unsigned frame_size;
    bool holds_more; /* the last conversion had more than was asked for */
    bool closed;
    bool ended; /* closed, and nothing is held back */

    AVFrame *buffers[BUFFERS]; /* owned; written again when nobody else refers to them */
    AVFrame *spare;            /* owned; an empty one; NULL: none */
    AVFrame **queue;           /* owned, each too */
    unsigned room;
    unsigned count;
    uint64_t samples; /* in the queue */
    int used;         /* samples of the first one that were taken already */
};

struct resampler *resampler_new(const AVFilterGraph *graph)
{
    struct conversion conversion;
    struct resampler *resampler;

    if (!conversion_find(graph, &conversion))
        return NULL;
    resampler = memory_new(1, sizeof(*resampler));
    resampler->swr = conversion.swr;
    resampler->format = av_buffersink_get_format(conversion.sink);
    sample_clock_init(&resampler->clock, conversion.swr, conversion.source->outputs[0]->sample_rate,
                      av_buffersink_get_sample_rate(conversion.sink));
    if (av_buffersink_get_ch_layout(conversion.sink, &resampler->layout) >= 0)
        return resampler;
    resampler_free(resampler);
    return NULL;
}

void resampler_free(struct resampler *resampler)
{
    if (!resampler)
        return;
    av_frame_free(&resampler->spare);
    for (unsigned i = 0; i < BUFFERS; i++)
        av_frame_free(&resampler->buffers[i]);
    for (unsigned i = 0; i < resampler->count; i++)
        av_frame_free(&resampler->queue[i]);
    free(resampler->queue);
    av_channel_layout_uninit(&resampler->layout);
    free(resampler);
}

void resampler_set_frame_size(struct resampler *resampler, unsigned samples)
{
    resampler->frame_size = samples;
}

static AVFrame *new_frame(const struct resampler *resampler, int samples)
{
    AVFrame *frame = av_frame_alloc();

    if (!frame)
        return NULL;
    frame->format = resampler->format;
    frame->sample_rate = resampler->clock.rate;
    frame->nb_samples = samples;
    if (av_channel_layout_copy(&frame->ch_layout, &resampler->layout) < 0 ||
        av_frame_get_buffer(frame, 0) < 0)
        av_frame_free(&frame);
    return frame;
}

static AVFrame *take_empty(struct resampler *resampler)
{
    AVFrame *frame = resampler->spare ? resampler->spare : av_frame_alloc();

    resampler->spare = NULL;
    return frame;
}

static AVFrame *refer_to(struct resampler *resampler, const AVFrame *buffer)
{
    AVFrame *frame = take_empty(resampler);

    if (frame && av_frame_ref(frame, buffer) < 0)
        av_frame_free(&frame);
    return frame;
}

/* A frame to be filled, in memory that was used before where that has become free. */
static AVFrame *borrow_frame(struct resampler *resampler, int samples)
{
    for (unsigned i = 0; i < BUFFERS; i++) {
        AVFrame **buffer = &resampler->buffers[i];
        AVFrame *frame;

        if (*buffer && !av_frame_is_writable(*buffer))
            continue;
        if (*buffer && (*buffer)->nb_samples < samples)
            av_frame_free(buffer);
        if (!*buffer)
            *buffer = new_frame(resampler, samples);
        frame = *buffer ? refer_to(resampler, *buffer) : NULL;
        if (frame)
            frame->nb_samples = samples;
        return frame;
    }
    return new_frame(resampler, samples);
}

/* Takes frame. */
static void enqueue(struct resampler *resampler, AVFrame *frame)
{
    if (resampler->count == resampler->room)
        resampler->queue = memory_grow(resampler->queue, ++resampler->room, sizeof(AVFrame *));
    resampler->queue[resampler->count++] = frame;
    resampler->samples += (uint64_t)frame->nb_samples;
}

static AVFrame *dequeue(struct resampler *resampler)
{
    AVFrame *frame = resampler->queue[0];

    resampler->count--;
    for (unsigned i = 0; i < resampler->count; i++)
        resampler->queue[i] = resampler->queue[i + 1];
    resampler->samples -= (uint64_t)(frame->nb_samples - resampler->used);
    resampler->used = 0;
    return frame;
}

/* What the conversion has of it now: in proportion, and some of what it holds back. */
static int count_out(const struct resampler *resampler, int samples, int64_t held)
{
    int count = (int)(samples * ((double)resampler->clock.rate / resampler->clock.rate_in) + ROOM);

    return held > 0 ? count + (int)FFMIN(held, FFMAX(HELD_MOST, count)) : count;
}

/* Everything that is no sample comes from the frame that went in. */
static int copy_properties(const struct resampler *resampler, AVFrame *to, const AVFrame *from)
{
    int status = av_frame_copy_props(to, from);

    to->sample_rate = resampler->clock.rate;
    return status;
}

static int convert(struct resampler *resampler, const AVFrame *frame)
{
    int64_t held;
    int64_t pts = sample_clock_begin(&resampler->clock, frame->pts, &held);
    AVFrame *made = borrow_frame(resampler, count_out(resampler, frame->nb_samples, held));
    int status = AVERROR(ENOMEM);
    int count;

    if (!made || copy_properties(resampler, made, frame) < 0)
        goto out;
    status = 0; /* what cannot be converted is left out, as in the filter */
    made->pts = pts;
    count = swr_convert(resampler->swr, made->extended_data, made->nb_samples,
                        (const uint8_t **)frame->extended_data, frame->nb_samples);
    sample_clock_count(&resampler->clock, frame->nb_samples, count);
    if (count <= 0)
        goto out;
    resampler->holds_more = count == made->nb_samples;
    made->nb_samples = count;
    enqueue(resampler, made);
    return 0;

out:
    av_frame_free(&made);
    return status;
}

int resampler_push(struct resampler *resampler, AVFrame *frame)
{
    AVFrame *kept = resampler->swr ? NULL : take_empty(resampler);
    int status = AVERROR(ENOMEM);

    if (resampler->swr) {
        status = convert(resampler, frame);
    } else if (kept) {
        status = 0;
        av_frame_move_ref(kept, frame);
        enqueue(resampler, kept);
    }
    return status;
}

void resampler_close(struct resampler *resampler)
{
    resampler->closed = true;
}

/* last: nothing comes after, so that what is missing in the end is silence. */
static int give_up_held(struct resampler *resampler, bool last)
{
    AVFrame *made = borrow_frame(resampler, HELD_MOST);
    int count;

    if (!made)
        return AVERROR(ENOMEM);
    made->pts = sample_clock_next(&resampler->clock);
    count = swr_convert(resampler->swr, made->extended_data, made->nb_samples,
                        last ? NULL : (const uint8_t **)made->extended_data, 0);
    sample_clock_count(&resampler->clock, 0, count);
    if (count <= 0) {
        av_frame_free(&made);
        return count < 0 ? count : AVERROR_EOF;
    }
    made->nb_samples = count;
    enqueue(resampler, made);
    return 0;
}

int resampler_request(struct resampler *resampler)
{
    int status = AVERROR_EOF;

    if (resampler->ended)
        return AVERROR_EOF;
    if (resampler->holds_more && give_up_held(resampler, false) >= 0)
        return 0;
    resampler->holds_more = false;
    if (!resampler->closed)
        return AVERROR(EAGAIN);
    if (resampler->swr)
        status = give_up_held(resampler, true);
    resampler->ended = status < 0;
    return status == AVERROR_EOF && resampler->count > 0 ? 0 : status;
}

/* The next samples of the queue in one frame, which has what else is in the first one. */
static int join(struct resampler *resampler, int samples, AVFrame *frame)
{
    AVFrame *made = borrow_frame(resampler, samples);
    int done = 0;

    if (!made || copy_properties(resampler, made, resampler->queue[0]) < 0) {
        av_frame_free(&made);
        return AVERROR(ENOMEM);
    }
    while (done < samples) {
        AVFrame *first = resampler->queue[0];
        int count = FFMIN(samples - done, first->nb_samples - resampler->used);

        av_samples_copy(made->extended_data, first->extended_data, done, resampler->used, count,
                        resampler->layout.nb_channels, resampler->format);
        done += count;
        if (resampler->used + count == first->nb_samples) {
            dequeue(resampler);
            av_frame_free(&first);
            continue;
        }
        resampler->used += count;
        resampler->samples -= (uint64_t)count;
        if (first->pts != AV_NOPTS_VALUE)
            first->pts = time_plus(first->pts, count);
    }
    av_frame_move_ref(frame, made);
    av_frame_free(&made);
    return 0;
}

int resampler_pull(struct resampler *resampler, AVFrame *frame)
{
    uint64_t wanted = resampler->frame_size;
    AVFrame *first;

    if (resampler->samples == 0 || (resampler->samples < wanted && !resampler->ended))
        return resampler->ended ? AVERROR_EOF : AVERROR(EAGAIN);
    wanted = FFMIN(wanted, resampler->samples);
    if (wanted > 0 && (resampler->used > 0 || (uint64_t)resampler->queue[0]->nb_samples != wanted))
        return join(resampler, (int)wanted, frame);
    first = dequeue(resampler);
    av_frame_move_ref(frame, first);
    if (resampler->spare)
        av_frame_free(&first);
    else
        resampler->spare = first;
    return 0;
}
