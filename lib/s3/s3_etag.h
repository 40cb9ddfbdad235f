/* SPDX-License-Identifier: MIT */

/*
 * What an ETag says: which version of an object it is of, and on most servers the MD5 of its bytes.
 * Quotes, which some servers leave out, and the mark "W/" that a proxy may put before them, make no
 * difference.
 * Threads: safe.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"

struct s3_etag {
    uint8_t md5[MD5_SIZE];
    unsigned parts; /* md5 is of the MD5s of so many parts, one after the other; 0: of the bytes */
};

/* NULL is fine. False when the ETag is of another form; *read is undefined then. */
bool s3_etag_read(const char *etag, struct s3_etag *read);

/* Whether both are of one version. */
bool s3_etag_is_same(const char *one, const char *other);
