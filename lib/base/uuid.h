/* SPDX-License-Identifier: MIT */

/*
 * UUIDs (RFC 9562): random ones name runs, name-based ones name items.
 * Threads: safe.
 */

#pragma once

#include <stdbool.h>

enum { UUID_SIZE = 37 }; /* 36 characters and a NUL */

/* Version 4, from the system's random numbers. Returns out. */
const char *uuid_random(char out[UUID_SIZE]);

/* Version 3: the same space and name always give the same UUID. Returns out. */
const char *uuid_named(const char *space, const char *name, char out[UUID_SIZE]);

/* Whether text has the form 8-4-4-4-12 of hexadecimal digits. */
bool uuid_is_valid(const char *text);
