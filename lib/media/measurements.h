/* SPDX-License-Identifier: MIT */

/*
 * Numbers about the sound of a result, for those who choose by them: which are wanted, and what
 * they are.
 * Threads: safe.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum measurement {
    MEASURE_DURATION = 1 << 0,
    MEASURE_PEAK = 1 << 1,
    MEASURE_RMS = 1 << 2,
    MEASURE_LOUDNESS = 1 << 3,
    MEASURE_TRUE_PEAK = 1 << 4,
    MEASURE_CLIPPING = 1 << 5,
    MEASURE_SILENCE = 1 << 6,
    MEASURE_DC = 1 << 7,
};

/* Of one stream; over all its channels. What has no value, as the level of nothing, is no finite
 * number. */
struct measurements {
    unsigned items;        /* which of the others are known */
    double duration_s;     /* samples per channel over their rate */
    double peak_dbfs;      /* the largest sample */
    double rms_dbfs;       /* the mean square over all channels */
    double loudness_lufs;  /* integrated, EBU R128 */
    double true_peak_dbtp; /* the largest sample at 192 kHz, as EBU R128's meters find it */
    double silent_share;   /* 0 to 1: stretches of 0.1 s or more below -60 dBFS in all channels */
    double dc_offset;      /* the mean of the channel where that is largest; full scale is 1 */
    uint64_t clipped;      /* samples at the ends of the scale, counted in every channel */
};

/* "peak,rms" or "all", as enum measurement; ERROR_USAGE names what is not known. */
bool measurements_parse(const char *list, unsigned *items, struct error *err);
