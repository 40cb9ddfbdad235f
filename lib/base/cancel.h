/* SPDX-License-Identifier: MIT */

/*
 * The wish to stop, in two steps, and sleeps that notice it.
 *
 * Stopping: no new items are taken; items in flight go on. Abandoning: the grace time is over,
 * items in flight give up at their next look. An item has a cancel of its own below the run's: it
 * is abandoned with the run, or alone when its own time is over. What is done after the items has
 * one too, which is abandoned later than they are. Threads: safe; cancel_stop is async-signal-safe.
 */

#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct cancel {
    _Atomic int64_t abandon_at_ms; /* clock_monotonic_ms of the second step; 0 while running */
    int pipe[2];                   /* becomes readable when stopping; wakes sleepers */
    const struct cancel *run;      /* for an item's: the one above it, NULL for a run's */
    int64_t later_ms;              /* how much later than run it is abandoned */
};

/* Returns false with errno set when no descriptors are left. */
bool cancel_init(struct cancel *cancel);
void cancel_release(struct cancel *cancel);

/*
 * An item's, below run, which is borrowed and may be an item's itself, or NULL: then only a
 * deadline ends it. Needs no release.
 */
void cancel_init_item(struct cancel *item, const struct cancel *run);

/*
 * For what follows the items: below run, which is borrowed, and abandoned later_ms after it, but
 * not earlier than least_ms from now. Needs no release.
 */
void cancel_init_after(struct cancel *after, const struct cancel *run, int64_t later_ms,
                       int64_t least_ms);

/* When the item's own time is over, on clock_monotonic_ms; 0: never. */
void cancel_set_deadline(struct cancel *item, int64_t at_ms);

/* The first step now, the second one grace_ms later; a later call can only bring that nearer. */
void cancel_stop(struct cancel *cancel, int64_t grace_ms);

/* Whether the run is stopping. NULL: no. */
bool cancel_stopping(const struct cancel *cancel);

/* Whether the run's grace time or the item's own is over. NULL: no. */
bool cancel_abandoned(const struct cancel *cancel);

/*
 * Sleeps and returns true; returns false as soon as there is no room for the sleep before the
 * second step. cancel may be NULL: a plain sleep.
 */
bool cancel_sleep(const struct cancel *cancel, int64_t milliseconds);
