/* SPDX-License-Identifier: MIT */

/*
 * A counting gate: at most so many threads are inside at a time. It keeps the CPU part of the
 * work at the number of CPUs while many more objects are in flight.
 * Threads: safe.
 */

#pragma once

struct gate;

struct gate *gate_new(unsigned places);

/* Nobody may be inside or waiting; NULL is fine. */
void gate_free(struct gate *gate);

/* Waits for a place. */
void gate_enter(struct gate *gate);
void gate_leave(struct gate *gate);

/* How it stands: places that nobody has, and threads that wait for one. */
struct gate_use {
    unsigned idle;
    unsigned waiting;
};

struct gate_use gate_look(struct gate *gate);
