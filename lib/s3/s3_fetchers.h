/* SPDX-License-Identifier: MIT */

/*
 * The threads that fill the window of an s3_ranges.
 * Threads: as each function says; _locked: with the lock held.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "s3/s3_range.h"
#include "s3/s3_ranges_parts.h"

/* Sees to it that somebody fetches what is wanted. Fails with ERROR_LOCAL where nobody can. */
bool s3_fetchers_employ_locked(struct s3_ranges *ranges, struct error *err);

/* For range->arrived of each part: wakes the reader when there is enough of what it waits for. */
void s3_fetchers_note_arrival(struct s3_range *range, const char *bytes, size_t count);

/* Stops them and waits until they have ended. By the reader. */
void s3_fetchers_end(struct s3_ranges *ranges);
