/* SPDX-License-Identifier: MIT */

/* Passes CPUs on while items wait. */

#include "run/job_turn.h"

#include "base/clock.h"

static void set_deadline(struct job_turn *turn)
{
    if (turn->timeout_ms)
        cancel_set_deadline(turn->item,
                            turn->begin_ms + turn->spent->waiting_ms + (int64_t)turn->timeout_ms);
}

void job_turn_begin(struct job_turn *turn)
{
    turn->begin_ms = clock_monotonic_ms();
    turn->rank = gate_rank(turn->gate);
    set_deadline(turn);
}

static void enter(struct job_turn *turn)
{
    int64_t begin_ms = clock_monotonic_ms();

    cancel_set_deadline(turn->item, 0);
    gate_enter(turn->gate, turn->rank);
    turn->spent->waiting_ms += clock_monotonic_ms() - begin_ms;
    set_deadline(turn);
}

void job_turn_enter(struct job_turn *turn)
{
    enter(turn);
    turn->entered = true;
}

void job_turn_leave(struct job_turn *turn)
{
    turn->entered = false;
    gate_leave(turn->gate);
}

static void begin_waiting(void *waiter)
{
    struct job_turn *turn = waiter;

    turn->waits_since_ms = clock_monotonic_ms();
    if (turn->entered)
        gate_leave(turn->gate);
}

static void end_waiting(void *waiter)
{
    struct job_turn *turn = waiter;

    turn->spent->downloading_ms += clock_monotonic_ms() - turn->waits_since_ms;
    if (turn->entered)
        enter(turn);
}

static void begin_upload_wait(void *waiter)
{
    const struct job_turn *turn = waiter;

    if (turn->entered)
        gate_leave(turn->gate);
}

static void end_upload_wait(void *waiter)
{
    struct job_turn *turn = waiter;

    if (turn->entered)
        enter(turn);
}

struct reader_waits job_turn_upload_waits(struct job_turn *turn)
{
    return (struct reader_waits){ begin_upload_wait, end_upload_wait, turn };
}

struct reader_waits job_turn_waits(struct job_turn *turn)
{
    return (struct reader_waits){ begin_waiting, end_waiting, turn };
}
