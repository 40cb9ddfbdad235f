/* SPDX-License-Identifier: MIT */

/*
 * Takes one file below a root folder away; its folders stay.
 * Threads: safe.
 */

#pragma once

#include <stdbool.h>

#include "base/error.h"

/* A file that is not there is no failure. */
bool directory_remove(int root, const char *key, struct error *err);
