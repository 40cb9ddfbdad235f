/* SPDX-License-Identifier: MIT */

/*
 * Which names were seen before: 128 bits of digest each, in a table that lies in an unlinked
 * temporary file, so that ten million names take disk and page cache, and 8 KiB of memory.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>

#include "base/attributes.h"
#include "base/error.h"

struct name_set;

MUST_USE struct name_set *name_set_new(void);
void name_set_free(struct name_set *set);

/* Adds name; *seen says whether it was there already. Fails with ERROR_LOCAL. */
bool name_set_add(struct name_set *set, const char *name, bool *seen, struct error *err);

/* Whether name was added; also false when that cannot be read. */
bool name_set_has(struct name_set *set, const char *name);
