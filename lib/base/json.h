/* SPDX-License-Identifier: MIT */

/*
 * What every writer of JSON here needs beyond jansson.
 * Threads: safe.
 */

#pragma once

#include <jansson.h>

#include "base/attributes.h"

/* A JSON string of any bytes: what is not UTF-8 becomes U+FFFD. NULL gives null. */
MUST_USE json_t *json_text(const char *text);

/* Compact, keys in alphabetical order, as Step Functions writes; the caller frees it. */
MUST_USE char *json_compact(const json_t *value);

/* The same for a terminal: DEL and C1 controls (U+0080 to U+009F) too are written as \uNNNN. */
MUST_USE char *json_printable(const json_t *value);
