/* SPDX-License-Identifier: MIT */

/*
 * An item's turn at a CPU: it is left to others while the item waits for bytes. What is waited for
 * is counted, and waiting for a CPU is not held against the item's own time.
 * Threads: confined.
 */

#pragma once

#include "base/cancel.h"
#include "base/gate.h"
#include "base/reader.h"
#include "run/progress.h"

struct job_turn {
    struct gate *gate;             /* borrowed, like the next two */
    struct cancel *item;           /* has the item's deadline */
    struct progress_stages *spent; /* waiting_ms and downloading_ms are counted here */
    uint64_t timeout_ms;           /* of the item; 0: none */
    uint64_t rank;                 /* at the gate */
    int64_t begin_ms;              /* of the item, on clock_monotonic_ms */
    int64_t waits_since_ms;        /* for bytes */
    bool entered;
};

/* The item begins, and its time runs. CPUs go to who began first. */
void job_turn_begin(struct job_turn *turn);

void job_turn_enter(struct job_turn *turn);
void job_turn_leave(struct job_turn *turn);

/* For a reader that is used inside or outside of enter and leave. turn stays where it is. */
struct reader_waits job_turn_waits(struct job_turn *turn);

/* The same for a result that waits for the network; how long is counted there. */
struct reader_waits job_turn_upload_waits(struct job_turn *turn);
