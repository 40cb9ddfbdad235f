/* SPDX-License-Identifier: MIT */

/*
 * Checks that go with bodies, so that a flipped bit is noticed: those we send, and those we get.
 * Threads: safe.
 */

#pragma once

#include <stdbool.h>

#include "base/checksum.h"
#include "base/error.h"
#include "s3/http.h"
#include "s3/s3_sum.h"

/* Where sums of a body go, as headers have them; NULL: not wanted. */
struct s3_integrity_sums {
    char *sha256; /* in hex, SHA256_HEX_SIZE */
    char *crc32;  /* in base64, CHECKSUM_BASE64_SIZE, like those below */
    char *crc64nvme;
    char *md5;
};

/* All in one pass. Fails with ERROR_LOCAL, and what is wanted is of no use then. */
bool s3_integrity_sum(const struct http_body *body, const struct s3_integrity_sums *wanted,
                      struct error *err);

/*
 * Whether response is of the version with that ETag, as far as both have one: not all servers heed
 * If-Match. ERROR_OBJECT, S3.PreconditionFailed: it is not.
 */
bool s3_integrity_check_version(const struct http_response *response, const char *etag,
                                struct error *err);

/* Whether the object is encrypted with KMS: its ETag is no MD5 then, whatever it looks like. */
bool s3_integrity_is_kms(const struct http_response *response);

/*
 * Compares the whole object in spool with what response, the one that brought it, says of it; with
 * by_etag, where there is no checksum, with the ETag, which is an MD5 on most servers. S3_INTACT
 * also when there is nothing to compare with. Fails with ERROR_LOCAL.
 */
bool s3_integrity_check(const struct http_response *response, const struct spool *spool,
                        bool by_etag, struct s3_finding *finding, struct error *err);
