/* SPDX-License-Identifier: MIT */

/*
 * Names that differ in a number only, as muxers of many files make them: the last digits before
 * the extension.
 * Threads: safe.
 */

#pragma once

#include "base/attributes.h"

/* The name with its number one higher, for the caller to free; NULL when it has none. */
MUST_USE char *numbered_name_next(const char *name);

/* Orders names so that those of one row stand together and follow each other; as strcmp. */
int numbered_name_compare(const char *one, const char *other);
