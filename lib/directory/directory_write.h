/* SPDX-License-Identifier: MIT */

/*
 * One spool to a file below a root folder: written under a temporary name beside its place, synced,
 * then renamed, so a name never shows a partial file, not after a power cut either.
 * Threads: safe.
 */

#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/spool.h"
#include "directory/directory_marks.h"

/*
 * Missing folders are made. An earlier file of that name is replaced, or with only_new is a
 * failure: ERROR_OBJECT, Avmap.AlreadyExists. The file gets the marks, which are borrowed.
 */
bool directory_write(int root, const char *key, const struct spool *from,
                     const struct directory_marks *marks, bool only_new, struct error *err);
