/* SPDX-License-Identifier: MIT */

/*
 * INT and TERM: the first one asks the run to stop, the second ends it at once.
 * Threads: signals_begin belongs before the first thread.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/cancel.h"

/* Makes cancel, borrowed for the rest of the process; items in flight get grace_ms. False: why not
 * was logged. */
bool signals_begin(struct cancel *cancel, int64_t grace_ms);

/* The first signal that came, or 0. */
int signals_caught(void);
