/* SPDX-License-Identifier: MIT */

/*
 * A file on this machine that others read at any moment: they see all of the old text or all of the
 * new one.
 * Threads: safe.
 */

#pragma once

#include <stddef.h>

#include "base/attributes.h"
#include "base/error.h"

/*
 * Writes bytes beside path under another name and renames that. Fails with ERROR_LOCAL and leaves
 * what was there.
 */
MUST_USE bool replace_file(const char *path, const void *bytes, size_t size, struct error *err);

/* The same for what only its owner may read. */
MUST_USE bool replace_private_file(const char *path, const void *bytes, size_t size,
                                   struct error *err);
