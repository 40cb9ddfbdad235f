/* SPDX-License-Identifier: MIT */

/*
 * Calls a function now and then, on a thread of its own.
 * Threads: ticker_start and ticker_stop belong to the thread that owns it.
 */

#pragma once

#include <stdint.h>

#include "base/attributes.h"

struct ticker;

/* NULL when there is no thread for it. arg is borrowed; the first call comes after interval_ms. */
MUST_USE struct ticker *ticker_start(int64_t interval_ms, void (*tick)(void *arg), void *arg);

/* Waits for a call that is under way; none comes afterwards. NULL is fine. */
void ticker_stop(struct ticker *ticker);
