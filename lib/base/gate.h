/* SPDX-License-Identifier: MIT */

/*
 * A counting gate: at most so many threads are inside at a time. It keeps the CPU part of the
 * work at the number of CPUs while many more objects are in flight. Of those that wait, who began
 * first is let in first, however often it has been inside before: so objects end one after the
 * other, and the network has some to bring and to take while others have the CPUs.
 * Threads: safe.
 */

#pragma once

#include <stdint.h>

struct gate;

struct gate *gate_new(unsigned places);

/* Nobody may be inside or waiting; NULL is fine. */
void gate_free(struct gate *gate);

/* A rank for who begins now, behind all that were given before. */
uint64_t gate_rank(struct gate *gate);

/* Waits for a place. A lower rank is let in first. */
void gate_enter(struct gate *gate, uint64_t rank);
void gate_leave(struct gate *gate);

/* How it stands: places that nobody has, and threads that wait for one. */
struct gate_use {
    unsigned idle;
    unsigned waiting;
};

struct gate_use gate_look(struct gate *gate);
