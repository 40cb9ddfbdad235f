/* SPDX-License-Identifier: MIT */

/*
 * INT and TERM: the first one asks the run to stop, the second ends it at once.
 * Threads: signals_catch belongs before the first thread.
 */

#pragma once

#include "base/cancel.h"

/* cancel is borrowed for the rest of the process; items in flight get grace_ms. */
void signals_catch(struct cancel *cancel, int64_t grace_ms);

/* The first signal that came, or 0. */
int signals_caught(void);
