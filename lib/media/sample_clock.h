/* SPDX-License-Identifier: MIT */

/*
 * When the samples that a conversion of libswresample gives are, as the filter aresample has it.
 * Ticks are those of both rates: 1/(rate_in * rate) s.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <libswresample/swresample.h>

struct sample_clock {
    SwrContext *swr; /* borrowed */
    int rate_in;
    int rate;
    bool counts;  /* nothing but the rates has a say in it */
    int64_t held; /* ticks that went in and did not come out; when it counts, like the next */
    int64_t next; /* tick of what comes out next */
};

/* The conversion is set up, and nothing has gone in. */
void sample_clock_init(struct sample_clock *clock, SwrContext *swr, int rate_in, int rate);

/*
 * Before samples of the time pts (1/rate_in s, or AV_NOPTS_VALUE) go in: when what comes out next
 * is (1/rate s, or AV_NOPTS_VALUE), and how many samples of the result are held back before them.
 */
int64_t sample_clock_begin(struct sample_clock *clock, int64_t pts, int64_t *held);

/* The same where nothing goes in. */
int64_t sample_clock_next(struct sample_clock *clock);

/* So many samples went in, and so many came out; negative: the conversion failed. */
void sample_clock_count(struct sample_clock *clock, int in, int out);
