/* SPDX-License-Identifier: MIT */

/*
 * How long to wait before the next attempt, by Step Functions' Retry formula:
 * delay_n = min(interval * rate^(n-1), max_delay), and with full jitter a draw from 0..delay_n.
 * Source: "Handling errors in Step Functions workflows", fallback states.
 * Threads: safe.
 */

#pragma once

#include <stdint.h>

enum backoff_jitter { BACKOFF_NO_JITTER, BACKOFF_FULL_JITTER };

struct backoff {
    unsigned max_attempts; /* the first one included */
    uint64_t interval_ms;
    double rate;
    uint64_t max_delay_ms;
    enum backoff_jitter jitter;
};

/* The longest delay after attempt number attempt (from 1), before jitter. */
uint64_t backoff_limit_ms(const struct backoff *backoff, unsigned attempt);

/* The delay to use after that attempt. */
uint64_t backoff_delay_ms(const struct backoff *backoff, unsigned attempt);
