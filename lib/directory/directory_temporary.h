/* SPDX-License-Identifier: MIT */

/*
 * The file that will be one of that name when it is complete. Its own name is made of the final one
 * and it is locked while somebody writes it, so the next writer of the same name removes what a
 * killed one has left, and two live ones do not meet.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>

#include "base/error.h"

struct directory_temporary {
    int file;   /* owned; for reading and writing; -1: it is closed */
    int lock;   /* owned; the same file, held until it has its final name; -1: none */
    int folder; /* borrowed */
    char *name; /* owned; in the folder; NULL: nothing is open */
    bool named; /* it has that name already */
};

/* A file without a name where the file system can, so that a kill leaves nothing behind. */
bool directory_temporary_open(struct directory_temporary *temporary, int folder, const char *final,
                              struct error *err);

/* Gives it its name where it has none, as only a name can be renamed over another; closes file. */
bool directory_temporary_complete(struct directory_temporary *temporary, struct error *err);

/* Removes it unless named is false; also after a failure to open. */
void directory_temporary_close(struct directory_temporary *temporary);
