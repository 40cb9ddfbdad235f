/* SPDX-License-Identifier: MIT */

/*
 * Arithmetic on timestamps. Broken files hold any 64 bits, so sums wrap around instead of being
 * undefined.
 * Threads: safe.
 */

#pragma once

#include <stdint.h>

#include <libavcodec/packet.h>
#include <libavutil/mathematics.h>

static inline int64_t time_plus(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

static inline int64_t time_minus(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a - (uint64_t)b);
}

/* av_rescale_q, which takes long for the small numbers that nearly all are. */
static inline int64_t time_rescale(int64_t time, AVRational from, AVRational to)
{
    const int64_t factor = (int64_t)from.num * to.den;
    const int64_t divisor = (int64_t)from.den * to.num;

    if (time < 0 || factor <= 0 || divisor <= 0)
        return av_rescale_q(time, from, to);
    if (time == 0 || factor == divisor)
        return time;
    if (time > INT32_MAX || factor > INT32_MAX || divisor > INT32_MAX)
        return av_rescale_q(time, from, to);
    return (time * factor + divisor / 2) / divisor;
}

/* av_packet_rescale_ts, which divides even where both are the same. */
static inline void time_rescale_packet(AVPacket *packet, AVRational from, AVRational to)
{
    if (from.num != to.num || from.den != to.den)
        av_packet_rescale_ts(packet, from, to);
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
