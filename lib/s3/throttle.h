/* SPDX-License-Identifier: MIT */

/*
 * The pace of all requests of a run. After the server asked to slow down it is 0.7 of what the
 * server complained about, comes back to that slowly and then goes beyond, along the cubic curve
 * that AWS's clients use in their adaptive mode (and TCP CUBIC, RFC 9438).
 * Threads: safe.
 */

#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct throttle {
    pthread_mutex_t lock;

    /* Guarded by lock. */
    bool limiting;       /* some slow-down is not over yet */
    double most_per_s;   /* the rate at which the server complained last */
    double return_s;     /* how long after that the curve is there again */
    int64_t changed_ms;  /* when it complained */
    double joined;       /* requests that have queued up */
    double passed;       /* how many of them may have been sent by now */
    int64_t passed_ms;   /* when that was */
    int64_t second_ms;   /* the beginning of the second being counted */
    unsigned count;      /* requests in it so far */
    unsigned last_count; /* requests in the one before */
};

void throttle_init(struct throttle *throttle);
void throttle_release(struct throttle *throttle);

/* The place in the queue of a request that is about to be sent. */
double throttle_join(struct throttle *throttle, int64_t now_ms);

/*
 * 0: the request may be sent, and counts as sent. Else how long to wait before this is asked again,
 * at most a second, as the pace changes meanwhile.
 */
int64_t throttle_wait_ms(struct throttle *throttle, double place, int64_t now_ms);

/* Instead of sending: those behind, or to come, are to lose no time. */
void throttle_leave(struct throttle *throttle);

/* Whether the pace is below that at which the server complained last. */
bool throttle_is_slow(struct throttle *throttle, int64_t now_ms);

/* The server said 503 SlowDown or 429. */
void throttle_slow_down(struct throttle *throttle, int64_t now_ms);
