/* SPDX-License-Identifier: MIT */

/*
 * The two local files that the operator's -hls_key_info_file names: itself, and the key.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/spool.h"
#include "media/recipe.h"

struct key_files {
    const char *description; /* borrowed; what the option names; NULL: nothing */
    char *key;               /* owned; what that names; NULL: not read yet */
};

void key_files_init(struct key_files *files, const struct recipe *recipe);
void key_files_release(struct key_files *files);

/* Whether path is one of the two. */
bool key_files_has(const struct key_files *files, const char *path);

/* Reads it into an empty spool. Fails with ERROR_LOCAL, also when it is no file or a large one. */
bool key_files_read(struct key_files *files, const char *path, struct spool *to, struct error *err);
