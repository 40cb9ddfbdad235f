/* SPDX-License-Identifier: MIT */

/*
 * Peak, power, offset, clipped samples and silence, summed up over frames.
 * Threads: confined.
 */

#pragma once

#include <stdint.h>

#include <libavutil/frame.h>

#include "media/measurements.h"

struct meter_levels {
    double *sums; /* owned; of the samples of each channel */
    int channels;
    int rate;
    double squares;
    double peak;
    uint64_t samples; /* per channel */
    uint64_t clipped;
    uint64_t silent; /* in stretches that are long enough */
    uint64_t quiet;  /* samples since the last one that was not */
};

/* Zeroed memory is a fresh one; all frames have one rate, format and number of channels. */
void meter_levels_add(struct meter_levels *levels, const AVFrame *frame);
void meter_levels_release(struct meter_levels *levels);
void meter_levels_read(const struct meter_levels *levels, struct measurements *found);
