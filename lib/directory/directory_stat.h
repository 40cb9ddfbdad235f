/* SPDX-License-Identifier: MIT */

/*
 * What is known of one file below a root folder without reading it.
 * Threads: safe.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "directory/directory_marks.h"

struct directory_status {
    uint64_t size;
    int64_t modified_ms;
    struct directory_marks marks; /* owned */
};

/* *found is false when no regular file has that name; *status is then untouched. */
bool directory_stat(int root, const char *key, struct directory_status *status, bool *found,
                    struct error *err);
