/* SPDX-License-Identifier: MIT */

/*
 * Text of any origin made fit for a terminal: bytes that could steer one are written as \xNN.
 * Threads: safe.
 */

#pragma once

#include <stddef.h>

#include "base/attributes.h"

/* Copies text to out, as far as it fits with its NUL; returns the length used. */
size_t printable_copy(const char *text, char *out, size_t size);

/* All of it, for the caller to free. */
MUST_USE char *printable_text(const char *text);
