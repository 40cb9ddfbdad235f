/* SPDX-License-Identifier: MIT */

/*
 * s3://bucket/key, and percent-encoding the way SigV4 wants it: A-Z a-z 0-9 - . _ ~ stay, all
 * other bytes become %XX with upper-case digits.
 * Source: "Create a signed AWS API request", function UriEncode, in the AWS IAM user guide.
 * Threads: safe.
 */

#pragma once

#include <stdbool.h>

#include "base/attributes.h"
#include "base/buffer.h"
#include "base/error.h"

/* Splits url; *bucket and *key are given to the caller. key may be empty. Fails: ERROR_USAGE. */
bool s3_url_parse(const char *url, char **bucket, char **key, struct error *err);

/* Whether text begins with s3:// in any case. */
bool s3_url_is(const char *text);

/* Appends text encoded; with keep_slashes a "/" stays as it is (paths). */
void s3_url_encode(struct buffer *out, const char *text, bool keep_slashes);

/* The query that asks for a version, for the caller to free; NULL for NULL. */
MUST_USE char *s3_url_version_query(const char *version_id);

/* Decodes %XX in place (listings with encoding-type=url; "+" is a space there). False: malformed
 * or an embedded NUL. */
bool s3_url_decode(char *text, bool plus_is_space);
