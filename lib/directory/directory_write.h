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
#include "directory/directory_temporary.h"

/* A file that is not yet at its place. */
struct directory_write {
    int folder;       /* owned; where it will be */
    const char *name; /* borrowed; there */
    struct directory_temporary temporary;
};

/* Makes missing folders, and the file. key is borrowed until the close. */
bool directory_write_open(struct directory_write *file, int root, const char *key,
                          struct error *err);

/* Puts it in its place, as directory_write says. Close it afterwards. */
bool directory_write_finish(struct directory_write *file, const struct directory_marks *marks,
                            bool only_new, struct error *err);

/* Removes what was not finished. Also after a failure to open. */
void directory_write_close(struct directory_write *file);

/*
 * Missing folders are made. An earlier file of that name is replaced, or with only_new is a
 * failure: ERROR_OBJECT, Avmap.AlreadyExists. The file gets the marks, which are borrowed.
 */
bool directory_write(int root, const char *key, const struct spool *from,
                     const struct directory_marks *marks, bool only_new, struct error *err);
