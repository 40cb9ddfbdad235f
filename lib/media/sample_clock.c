/* SPDX-License-Identifier: MIT */

/* Asks libswresample for times, or counts where that comes to the same. */

#include "media/sample_clock.h"

#include <stddef.h>

#include <libavutil/avutil.h>
#include <libavutil/common.h>
#include <libavutil/opt.h>

#include "media/time_math.h"

/* Above it libswresample may round the step of its filter, so that the ratio is not quite that of
 * the rates. */
enum { HIGHEST_RATE = 1 << 20 };

/*
 * Whether what is held back is always what went in less what came out. libswresample finds that out
 * from the state of its filter, with a division of 128 bits, bit by bit, for each frame.
 */
static bool may_count(SwrContext *swr, int rate_in)
{
    static const char *const with_a_say[] = { "resampler", "phase_shift", "async", "min_comp",
                                              "first_pts" };

    for (size_t i = 0; i < sizeof(with_a_say) / sizeof(with_a_say[0]); i++) {
        if (av_opt_is_set_to_default_by_name(swr, with_a_say[i], 0) <= 0)
            return false;
    }
    return rate_in <= HIGHEST_RATE;
}

void sample_clock_init(struct sample_clock *clock, SwrContext *swr, int rate_in, int rate)
{
    *clock = (struct sample_clock){ .swr = swr, .rate_in = rate_in, .rate = rate };
    clock->counts = swr && may_count(swr, rate_in);
}

/* swr_next_pts, to which INT64_MIN says that no time is known. */
static int64_t next_tick(struct sample_clock *clock, int64_t tick)
{
    if (!clock->counts)
        return swr_next_pts(clock->swr, tick);
    if (tick != INT64_MIN)
        clock->next = time_minus(tick, clock->held);
    return clock->next;
}

static int64_t to_samples(const struct sample_clock *clock, int64_t ticks)
{
    return ROUNDED_DIV(ticks, clock->rate_in);
}

int64_t sample_clock_begin(struct sample_clock *clock, int64_t pts, int64_t *held)
{
    int64_t tick;

    *held = clock->counts ? to_samples(clock, clock->held) : swr_get_delay(clock->swr, clock->rate);
    if (pts == AV_NOPTS_VALUE)
        return AV_NOPTS_VALUE;
    if (__builtin_mul_overflow(pts, clock->rate, &tick))
        tick = INT64_MIN; /* as av_rescale says it */
    return to_samples(clock, next_tick(clock, tick));
}

int64_t sample_clock_next(struct sample_clock *clock)
{
    return to_samples(clock, next_tick(clock, INT64_MIN));
}

void sample_clock_count(struct sample_clock *clock, int in, int out)
{
    if (!clock->counts)
        return;
    if (out < 0) {
        clock->held = swr_get_delay(clock->swr, (int64_t)clock->rate_in * clock->rate);
        return;
    }
    clock->held += (int64_t)in * clock->rate - (int64_t)out * clock->rate_in;
    clock->next = time_plus(clock->next, (int64_t)out * clock->rate_in);
}
