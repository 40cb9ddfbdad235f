/* SPDX-License-Identifier: MIT */

/*
 * Arithmetic on timestamps. Broken files hold any 64 bits, so sums wrap around instead of being
 * undefined.
 * Threads: safe.
 */

#pragma once

#include <stdint.h>

#include <libavutil/mathematics.h>

static inline int64_t time_plus(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

static inline int64_t time_minus(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a - (uint64_t)b);
}

/* av_rescale_q, which divides even where it need not. */
static inline int64_t time_rescale(int64_t time, AVRational from, AVRational to)
{
    if (time >= 0 && (time == 0 || (from.num == to.num && from.den == to.den)))
        return time;
    return av_rescale_q(time, from, to);
}

/* The one of three that is neither the smallest nor the largest. */
static inline int64_t time_median(int64_t a, int64_t b, int64_t c)
{
    int64_t low = a < b ? a : b;
    int64_t high = a < b ? b : a;

    if (c < low)
        return low;
    return c > high ? high : c;
}
