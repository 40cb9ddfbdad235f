/* SPDX-License-Identifier: MIT */

/*
 * UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF.
 * Threads: safe.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>

/* The length in bytes of the character that text begins with, or 0 when it is malformed. */
size_t utf8_length(const char *text);

bool utf8_is_valid(const char *text);
