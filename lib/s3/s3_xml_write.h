/* SPDX-License-Identifier: MIT */

/*
 * The documents of S3 that clients send.
 * Threads: safe.
 */

#pragma once

#include <stddef.h>

#include "base/buffer.h"

/* All borrowed. */
struct s3_xml_part {
    const char *etag;
    const char *crc32; /* as the server gave it; "": it did not */
};

/* Appends the document that completes an upload of count parts, numbered from 1. */
void s3_xml_write_completion(struct buffer *out, const struct s3_xml_part *parts, size_t count);
