/* SPDX-License-Identifier: MIT */

/*
 * An object as media reads it: a small one complete in a spool, a large one where it is, while it
 * is read. Nothing above asks which.
 * Threads: confined.
 */

#pragma once

#include "base/attributes.h"
#include "base/reader.h"
#include "store/store.h"

struct store_input;

/*
 * Opens the object as it was listed; one that changed since is an error, here or when it is read or
 * checked. Whole objects go into spool, which is empty, and which gives the budget for others.
 * store, object and spool are borrowed until it is closed; waits may be NULL. Fails as store_fetch.
 */
MUST_USE struct store_input *store_input_open(struct store *store, const struct object *object,
                                              struct spool *spool, const struct reader_waits *waits,
                                              struct error *err);

struct reader store_input_reader(const struct store_input *input);

/* Whether all that was read is of the object that was listed. */
bool store_input_check(const struct store_input *input, struct error *err);

/*
 * The same after a transcode, which ok says the end of: bytes that were damaged on their way, or a
 * file that changes, can look like bad media, and then *err becomes that.
 */
bool store_input_judge(const struct store_input *input, bool ok, struct error *err);

/* NULL is fine. */
void store_input_close(struct store_input *input);
