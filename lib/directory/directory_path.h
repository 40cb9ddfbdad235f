/* SPDX-License-Identifier: MIT */

/*
 * Opens what a key names below a root folder, one component at a time and never through a
 * symbolic link, so that nothing outside the root can be reached whatever the key says.
 * Threads: safe.
 */

#pragma once

#include <stdbool.h>

#include "base/error.h"

/* Temporary files begin so; a killed run can leave some, and listings pass them over. */
#define DIRECTORY_TEMPORARY_PREFIX ".avmap-"

/*
 * Checks that key can be a file below a folder: no empty, "." or ".." component, none over 255
 * bytes, no leading or trailing "/". Fails: ERROR_OBJECT, Avmap.BadFileName.
 */
bool directory_path_check(const char *key, struct error *err);

/*
 * Opens the folder that holds key's last component; *name is set to that component inside key.
 * With create, missing folders are made. Returns a descriptor to close, or -1.
 */
int directory_path_open_parent(int root, const char *key, bool create, const char **name,
                               struct error *err);
