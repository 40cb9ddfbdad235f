/* SPDX-License-Identifier: MIT */

/*
 * A folder of a test's own and quick ways to fill and look into it. What fails here fails the test.
 * Threads: the test's.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"

/* Set-up and tear-down for cmocka: make the folder and open it; remove it with all that is in it.
 */
int scratch_make(void **state);
int scratch_remove(void **state);

const char *scratch_path(void);
int scratch_root(void);

/* Makes a file with that text; the folders above are made too. key is relative, as all here. */
void scratch_file(const char *key, const char *text);
void scratch_bytes(const char *key, const void *bytes, size_t size);
void scratch_folder(const char *key);
void scratch_link(const char *key, const char *target);

/* The file's text, for free(); NULL when there is no such file. */
MUST_USE char *scratch_read(const char *key);
bool scratch_exists(const char *key);

/* How many names are in a folder. */
size_t scratch_count(const char *key);

/*
 * As root, file permissions mean nothing; between these two calls we are nobody, who owns nothing.
 * Without root rights they do nothing.
 */
void scratch_as_nobody(void);
void scratch_as_before(void);

/*
 * Puts a file system of size bytes over the folder key until the tear-down. False: not allowed
 * here, and the test is to be skipped.
 */
bool scratch_mount(const char *key, size_t size);
