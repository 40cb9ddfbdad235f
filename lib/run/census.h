/* SPDX-License-Identifier: MIT */

/*
 * Counts a run's items ahead of its workers, for whom listing waits: a percentage of failures can
 * only be judged when it is known of how many. Lists once more, which costs no memory.
 * Threads: start and free belong to the main thread; in between a thread of its own counts.
 */

#pragma once

#include "base/attributes.h"
#include "run/feed.h"
#include "run/run_parts.h"

struct census;

/*
 * feed is what the workers are about to get. What is counted is told to its progress; a listing
 * that fails tells nothing. NULL where nobody needs it, or where it cannot be done.
 */
MUST_USE struct census *census_start(const struct run *run, const struct feed *feed);

/* Ends it, also before it is through. */
void census_free(struct census *census);
