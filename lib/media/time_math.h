/* SPDX-License-Identifier: MIT */

/*
 * Arithmetic on timestamps. Broken files hold any 64 bits, so sums wrap around instead of being
 * undefined.
 * Threads: safe.
 */

#pragma once

#include <stdint.h>

static inline int64_t time_plus(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

static inline int64_t time_minus(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a - (uint64_t)b);
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
