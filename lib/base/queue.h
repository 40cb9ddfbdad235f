/* SPDX-License-Identifier: MIT */

/*
 * A bounded first-in, first-out queue of pointers between threads, with a place for those that are
 * to come back later.
 * Threads: safe.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/cancel.h"

struct queue;

/* cancel is borrowed, and may be NULL: as soon as it is stopping, what waits for later is due. */
struct queue *queue_new(size_t capacity, const struct cancel *cancel);

/* Every thread that uses the queue must have been joined and the queue be empty; NULL is fine. */
void queue_free(struct queue *queue);

/* Waits for room. Returns true when the queue took item; false when it is closed. */
MUST_USE bool queue_push(struct queue *queue, void *item);

/*
 * Waits for an item, which the caller then owns; one that is due goes first. NULL: closed, and
 * nothing is left, not for later either.
 */
MUST_USE void *queue_pop(struct queue *queue);

/*
 * Puts an item that was popped back for later, from due_ms on (clock_monotonic_ms), also after the
 * queue was closed. Once as many wait as the queue holds, only what is due is popped, so that they
 * do not become more than that and those which are popped already.
 */
void queue_push_later(struct queue *queue, void *item, int64_t due_ms);

/* Items that nobody has popped yet; those for later do not count. */
size_t queue_count(struct queue *queue);

/* Refuses further pushes; what is queued can still be popped. */
void queue_close(struct queue *queue);

/*
 * The same, and what is queued is popped in the order of its weight from here on, the heaviest
 * first and of the same weight the one that was pushed first.
 */
void queue_close_heaviest_first(struct queue *queue, uint64_t (*weight)(const void *item));
