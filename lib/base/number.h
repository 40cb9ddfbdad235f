/* SPDX-License-Identifier: MIT */

/*
 * Strict parsing of counts, sizes and durations: the whole text must be the number.
 * Threads: safe.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Decimal digits only; false when there is anything else or the value is above max. */
bool number_parse_count(const char *text, uint64_t max, uint64_t *count);

/* Bytes: digits with an optional K, M, G or T, each 1024 times the one before; "64M", "1.5G". */
bool number_parse_size(const char *text, uint64_t *bytes);

/* Milliseconds: a number with ms, s, m, h or d; a bare number is seconds. "200ms", "10m", "1.5". */
bool number_parse_duration(const char *text, uint64_t *milliseconds);

/* "1.5 MiB": a size for people, in out (at least 16 bytes), which is returned. */
const char *number_format_size(uint64_t bytes, char *out, unsigned size);
