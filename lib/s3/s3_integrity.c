/* SPDX-License-Identifier: MIT */

/* Computes and compares checks. */

#include "s3/s3_integrity.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/digest.h"
#include "base/memory.h"
#include "s3/s3_etag.h"

enum { PIECE_SIZE = 64 * 1024, CACHED_SIZE = 4 * 1024 };

/* All checks over one body; those that are wanted are computed in one pass. */
struct sums {
    bool wants_crc32;
    bool wants_crc32c;
    bool wants_crc64nvme;
    struct digest *sha1; /* NULL: not wanted, like the next two */
    struct digest *sha256;
    struct s3_sum *md5;
    uint32_t crc32;
    uint32_t crc32c;
    uint64_t crc64nvme;
};

static void add(struct sums *sums, const char *bytes, size_t size)
{
    if (sums->wants_crc32)
        sums->crc32 = checksum_crc32(sums->crc32, bytes, size);
    if (sums->wants_crc32c)
        sums->crc32c = checksum_crc32c(sums->crc32c, bytes, size);
    if (sums->wants_crc64nvme)
        sums->crc64nvme = checksum_crc64nvme(sums->crc64nvme, bytes, size);
    if (sums->sha1)
        digest_add(sums->sha1, bytes, size);
    if (sums->sha256)
        digest_add(sums->sha256, bytes, size);
    if (sums->md5)
        s3_sum_add(sums->md5, bytes, size);
}

/* In pieces that stay in the first cache, so that only the first sum has to wait for memory. */
static void add_all(struct sums *sums, const char *bytes, uint64_t size)
{
    while (size > 0) {
        size_t count = size < CACHED_SIZE ? (size_t)size : CACHED_SIZE;

        add(sums, bytes, count);
        bytes += count;
        size -= count;
    }
}

static bool add_body(struct sums *sums, const struct http_body *body, struct error *err)
{
    const char *bytes = http_body_bytes(body);
    char *piece;
    uint64_t done = 0;
    bool ok = true;

    if (bytes) {
        add_all(sums, bytes, body->size);
        return true;
    }
    piece = memory_new(PIECE_SIZE, 1);
    while (ok && done < body->size) {
        uint64_t left = body->size - done;
        size_t count = left < PIECE_SIZE ? (size_t)left : PIECE_SIZE;

        ok = spool_read(body->spool, body->offset + done, piece, count, &count, err);
        if (ok)
            add_all(sums, piece, count);
        done += count;
    }
    free(piece);
    return ok;
}

bool s3_integrity_sum(const struct http_body *body, const struct s3_integrity_sums *wanted,
                      struct error *err)
{
    struct s3_sum md5;
    struct sums sums = {
        .wants_crc32 = wanted->crc32 != NULL,
        .wants_crc64nvme = wanted->crc64nvme != NULL,
        .sha256 = wanted->sha256 ? digest_new(DIGEST_SHA256) : NULL,
        .md5 = wanted->md5 ? &md5 : NULL,
    };
    uint8_t digest[SHA256_SIZE];
    bool ok;

    if (!wanted->crc32 && !wanted->crc64nvme && !wanted->sha256 && !wanted->md5)
        return true;
    if (wanted->md5)
        s3_sum_init(&md5, 0);
    ok = add_body(&sums, body, err);
    if (wanted->crc32)
        checksum_base64_number(sums.crc32, sizeof(sums.crc32), wanted->crc32);
    if (wanted->crc64nvme)
        checksum_base64_number(sums.crc64nvme, sizeof(sums.crc64nvme), wanted->crc64nvme);
    if (wanted->sha256) {
        digest_finish(sums.sha256, digest);
        digest_hex(digest, SHA256_SIZE, wanted->sha256);
    }
    if (wanted->md5) {
        s3_sum_finish(&md5, digest);
        checksum_base64(digest, MD5_SIZE, wanted->md5);
    }
    return ok;
}

/* A check of parts, "...-3", says nothing of the whole. */
static bool is_of_whole(const struct http_response *response, const char *check)
{
    return *check && response->status == 200 && !strchr(check, '-') &&
           strcasecmp(response->checksum_type, "COMPOSITE") != 0;
}

bool s3_integrity_check_version(const struct http_response *response, const char *etag,
                                struct error *err)
{
    if (!etag || s3_etag_is_same(etag, "") || s3_etag_is_same(response->etag, "") ||
        s3_etag_is_same(response->etag, etag))
        return true;
    return error_set(err, ERROR_OBJECT, "S3.PreconditionFailed",
                     "the object changed after it was listed; run again to take the new one");
}

bool s3_integrity_is_kms(const struct http_response *response)
{
    return strncmp(response->encryption, "aws:kms", 7) == 0;
}

/* Both are freed whatever they say. */
static bool hashes_agree(struct sums *sums, const struct http_response *response)
{
    char ours[CHECKSUM_BASE64_SIZE];
    uint8_t digest[SHA256_SIZE];
    bool same = true;

    if (sums->sha1) {
        digest_finish(sums->sha1, digest);
        same = strcmp(checksum_base64(digest, SHA1_SIZE, ours), response->sha1) == 0;
    }
    if (sums->sha256) {
        digest_finish(sums->sha256, digest);
        same = same && strcmp(checksum_base64(digest, SHA256_SIZE, ours), response->sha256) == 0;
    }
    return same;
}

static bool agree(const struct sums *sums, const struct http_response *response)
{
    char ours[CHECKSUM_BASE64_SIZE];

    if (sums->wants_crc64nvme &&
        strcmp(checksum_base64_number(sums->crc64nvme, 8, ours), response->crc64nvme) != 0)
        return false;
    if (sums->wants_crc32 &&
        strcmp(checksum_base64_number(sums->crc32, 4, ours), response->crc32) != 0)
        return false;
    return !sums->wants_crc32c ||
           strcmp(checksum_base64_number(sums->crc32c, 4, ours), response->crc32c) == 0;
}

/* The size of parts is tried out, as far as an ETag fits none. */
static bool check_etag(const struct s3_etag *etag, const struct http_body *body,
                       struct s3_finding *finding, struct error *err)
{
    uint64_t sizes[S3_SUM_SIZES_MAX];
    size_t count = s3_sum_part_sizes(etag, body->size, sizes);
    bool ok = true;

    finding->verdict = S3_UNSURE;
    for (size_t i = 0; ok && i < count && finding->verdict == S3_UNSURE; i++) {
        struct s3_sum sum;
        struct sums sums = { .md5 = &sum };

        s3_sum_init(&sum, sizes[i]);
        ok = add_body(&sums, body, err);
        s3_sum_judge(&sum, etag, finding);
    }
    return ok;
}

bool s3_integrity_check(const struct http_response *response, const struct spool *spool,
                        bool by_etag, struct s3_finding *finding, struct error *err)
{
    struct http_body body = { .spool = spool, .size = spool->size };
    struct sums sums = {
        .wants_crc64nvme = is_of_whole(response, response->crc64nvme),
        .wants_crc32 = is_of_whole(response, response->crc32),
        .wants_crc32c = is_of_whole(response, response->crc32c),
        .sha1 = is_of_whole(response, response->sha1) ? digest_new(DIGEST_SHA1) : NULL,
        .sha256 = is_of_whole(response, response->sha256) ? digest_new(DIGEST_SHA256) : NULL,
    };
    bool has_check =
        sums.wants_crc64nvme || sums.wants_crc32 || sums.wants_crc32c || sums.sha1 || sums.sha256;
    struct s3_etag etag;
    bool ok;

    finding->verdict = S3_INTACT;
    by_etag = by_etag && !s3_integrity_is_kms(response) && s3_etag_read(response->etag, &etag);
    if (!has_check)
        return !by_etag || check_etag(&etag, &body, finding, err);
    ok = add_body(&sums, &body, err);
    if (!hashes_agree(&sums, response) || !agree(&sums, response))
        finding->verdict = S3_DAMAGED;
    return ok;
}
