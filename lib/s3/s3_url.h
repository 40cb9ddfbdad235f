/* SPDX-License-Identifier: MIT */

/*
 * s3://bucket/key, as users type it; an access point's ARN may stand for the bucket.
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

/* The query that asks for a version, for the caller to free; NULL for NULL. */
MUST_USE char *s3_url_version_query(const char *version_id);
