/* SPDX-License-Identifier: MIT */

/*
 * What avmap notes beside a file it writes, in extended attributes: where it came from and how it
 * was made. File systems without such attributes have no notes.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>

struct directory_marks {
    char *source_etag; /* NULL: none; user.avmap.source-etag */
    char *recipe;      /* NULL: none; user.avmap.recipe */
    char *files;       /* NULL: none; user.avmap.files */
    bool impossible;   /* of marks that were read: the file system has none */
};

/* Reads the marks of an open file; what is not there is NULL. */
void directory_marks_read(int file, struct directory_marks *marks);

/* Writes those that are not NULL, as far as the file system can. */
void directory_marks_write(int file, const struct directory_marks *marks);

/* For marks that were read. */
void directory_marks_release(struct directory_marks *marks);
