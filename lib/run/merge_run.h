/* SPDX-License-Identifier: MIT */

/*
 * The run.json of a run that several shards did, of theirs. They come from outside: what is missing
 * or of another type counts nothing.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>

#include <jansson.h>

/* Makes the one also true of the other: counts add up, and the worst end is the run's. */
void merge_run_add(json_t *to, const json_t *from);

/*
 * Rates do not add up: shards may run side by side or one after the other. They are what all did in
 * the time from the first begin to the last end.
 */
void merge_run_set_rates(json_t *run);

/* Whether the date of that name is earlier in the one. */
bool merge_run_is_before(const json_t *one, const json_t *other, const char *name);
