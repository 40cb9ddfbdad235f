/* SPDX-License-Identifier: MIT */

/*
 * What the file that tells of a result of several files carries of the others, so that it can be
 * seen when one of them was lost: how many bytes they have together, and their names beside it,
 * with the numbered ones of a row as the first and how many there are: "88244 a-001.wav*2 a.csv".
 * Threads: safe.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "store/store.h"

/* A note is shorter, as S3 has only 2 KiB for all that is noted of an object. */
enum { SET_NOTE_MAX = 512 };

/*
 * The note about keys, which are in the folder of key last or below, and are put into another
 * order. For the caller to free; NULL: it would be too long.
 */
MUST_USE char *set_note_make(const char *last, char **keys, size_t count, uint64_t bytes);

/*
 * Whether all that note tells of is there with as many bytes. A note that cannot be understood
 * tells of a result that is not; one that must not be checked is taken for true.
 */
bool set_note_is_true(const char *note, const char *last, struct store *store, bool *is_true,
                      struct error *err);
