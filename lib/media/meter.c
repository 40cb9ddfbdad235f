/* SPDX-License-Identifier: MIT */

/* Joins levels, which are sums over samples, and loudness, which comes out of libavfilter. */

#include "media/meter.h"

#include <stdlib.h>

#include "base/memory.h"
#include "media/meter_levels.h"
#include "media/meter_loudness.h"

struct meter {
    unsigned items;
    uint64_t samples; /* per channel */
    int rate;
    struct meter_levels levels;
    struct meter_loudness loudness;
};

enum { OF_LEVELS = MEASURE_PEAK | MEASURE_RMS | MEASURE_CLIPPING | MEASURE_SILENCE | MEASURE_DC };

struct meter *meter_new(unsigned items)
{
    struct meter *meter = memory_new(1, sizeof(*meter));

    meter->items = items;
    return meter;
}

void meter_free(struct meter *meter)
{
    if (!meter)
        return;
    meter_levels_release(&meter->levels);
    meter_loudness_release(&meter->loudness);
    free(meter);
}

void meter_add(struct meter *meter, const AVFrame *frame)
{
    meter->samples += (uint64_t)frame->nb_samples;
    meter->rate = frame->sample_rate;
    if (meter->items & OF_LEVELS)
        meter_levels_add(&meter->levels, frame);
    if ((meter->items & (MEASURE_LOUDNESS | MEASURE_TRUE_PEAK)) &&
        !meter_loudness_add(&meter->loudness, meter->items, frame))
        meter->items &= ~(unsigned)(MEASURE_LOUDNESS | MEASURE_TRUE_PEAK);
}

struct measurements meter_read(struct meter *meter)
{
    struct measurements found = { .items = meter->items };

    found.duration_s = meter->rate > 0 ? (double)meter->samples / meter->rate : 0;
    meter_levels_read(&meter->levels, &found);
    meter_loudness_read(&meter->loudness, &found);
    return found;
}
