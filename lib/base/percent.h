/* SPDX-License-Identifier: MIT */

/*
 * Percent-encoding: bytes as %XX, with upper-case digits.
 * Source: RFC 3986 2.1; "Create a signed AWS API request", function UriEncode, in the AWS IAM user
 * guide.
 * Threads: safe.
 */

#pragma once

#include <stdbool.h>

#include "base/buffer.h"

/* Which bytes stay as they are. */
enum percent_keep {
    PERCENT_KEEP_NAME,      /* A-Z a-z 0-9 - . _ ~: for a value in a query, or a form */
    PERCENT_KEEP_PATH,      /* those and slashes */
    PERCENT_KEEP_PRINTABLE, /* all of ASCII that prints, but spaces and percent signs */
};

/* Appends text encoded. */
void percent_encode(struct buffer *out, const char *text, enum percent_keep keep);

/* Decodes in place, with digits of either case. False: malformed, or a NUL would be in it. */
bool percent_decode(char *text, bool plus_is_space);
