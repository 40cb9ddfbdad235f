/* SPDX-License-Identifier: MIT */

/*
 * How many object bytes may be in memory at once, over all jobs. Nobody waits for it: who gets
 * nothing goes on in a temporary file.
 * Threads: safe.
 */

#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct budget {
    uint64_t total_bytes; /* immutable */
    _Atomic uint64_t left_bytes;
};

void budget_init(struct budget *budget, uint64_t bytes);

/* Takes the bytes, all or none. */
bool budget_take(struct budget *budget, uint64_t bytes);
void budget_give(struct budget *budget, uint64_t bytes);

/* Whether less than an eighth is left. */
bool budget_is_short(const struct budget *budget);
