/* SPDX-License-Identifier: MIT */

/*
 * Monotonic and wall time, and the date formats S3 and the records use.
 * Threads: safe.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
    CLOCK_ISO_SIZE = 32,  /* room for "2026-09-23T22:59:01.592Z" and its NUL */
    CLOCK_BASIC_SIZE = 24 /* room for "20260923T225901Z" and its NUL */
};

/* Milliseconds since some fixed moment; never goes back. Async-signal-safe. */
int64_t clock_monotonic_ms(void);

/* Milliseconds since 1970-01-01 UTC. */
int64_t clock_wall_ms(void);

/* ISO 8601 with milliseconds, as Step Functions writes dates. Returns out. */
const char *clock_format_iso(int64_t wall_ms, char out[CLOCK_ISO_SIZE]);

/* ISO 8601 basic form, as SigV4's x-amz-date wants it. Returns out. */
const char *clock_format_basic(int64_t wall_ms, char out[CLOCK_BASIC_SIZE]);

/* Reads "2026-09-23T22:59:01Z" with or without a fraction (S3 listings, credential expirations). */
bool clock_parse_iso(const char *text, int64_t *wall_ms);

/* Reads an HTTP Date header, "Wed, 23 Sep 2026 22:59:01 GMT" (RFC 9110 5.6.7, the fixed form). */
bool clock_parse_http(const char *text, int64_t *wall_ms);
