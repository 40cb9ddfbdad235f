/* SPDX-License-Identifier: MIT */

/*
 * Temporary files that have no name, in TMPDIR, else /tmp: nothing stays behind, however the
 * process ends.
 * Threads: safe.
 */

#pragma once

#include "base/error.h"

/* A descriptor for the caller to close, or -1 and ERROR_LOCAL. */
int temporary_open(struct error *err);
