/* SPDX-License-Identifier: MIT */

/*
 * How many CPUs one item may use: while many wait, one, as items are what runs in parallel; the
 * last ones of a run share those that nobody else needs any more.
 * Threads: safe.
 */

#pragma once

#include "run/progress.h"

/* For an item that begins now and has not ended in counts; at least 1. */
unsigned cpu_share(const struct progress_counts *counts, unsigned cpus);
