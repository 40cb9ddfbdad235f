/* SPDX-License-Identifier: MIT */

/*
 * How many repetitions all requests of a run may have together, so that a server in trouble is not
 * asked several times as much as a healthy one: 500 tokens, of which a repetition takes some and a
 * success gives some back, as in the standard mode of AWS's clients. As an outage that passes is to
 * cost no items, the adaptive mode waits for a while where there are no tokens, and lets one
 * repetition a second pass to see whether it is over.
 * Threads: safe.
 */

#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { RETRY_QUOTA_COST = 5, RETRY_QUOTA_TIMEOUT_COST = 10 };

struct retry_quota {
    _Atomic int tokens;
    _Atomic int64_t succeeded_ms; /* clock_monotonic_ms; at last */
    _Atomic int64_t probed_ms;    /* the last repetition without tokens */
};

void retry_quota_init(struct retry_quota *quota, int64_t now_ms);

/* Whether something has worked within the last minute, or it has not begun earlier. */
bool retry_quota_is_patient(const struct retry_quota *quota, int64_t now_ms);

/* Takes the tokens, all or none. */
bool retry_quota_take(struct retry_quota *quota, int cost);

/* Whether it is time for a repetition without tokens, which then is the caller's. */
bool retry_quota_probe(struct retry_quota *quota, int64_t now_ms);

/* After a success: what its last repetition took, or 0 when it needed none. */
void retry_quota_give(struct retry_quota *quota, int taken, int64_t now_ms);
