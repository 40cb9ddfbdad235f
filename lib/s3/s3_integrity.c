/* SPDX-License-Identifier: MIT */

/* Computes and compares checks. */

#include "s3/s3_integrity.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/digest.h"
#include "base/memory.h"

enum { PIECE_SIZE = 64 * 1024 };

/* All checks over one body; those that are wanted are computed in one pass. */
struct sums {
    bool wants_crc32;
    bool wants_crc32c;
    bool wants_crc64nvme;
    struct sha1 *sha1; /* NULL: not wanted, like the next two */
    struct sha256 *sha256;
    struct md5 *md5;
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
        sha1_add(sums->sha1, bytes, size);
    if (sums->sha256)
        sha256_add(sums->sha256, bytes, size);
    if (sums->md5)
        md5_add(sums->md5, bytes, size);
}

static bool add_body(struct sums *sums, const struct http_body *body, struct error *err)
{
    const char *bytes = http_body_bytes(body);
    char *piece;
    uint64_t done = 0;
    bool ok = true;

    if (bytes) {
        add(sums, bytes, (size_t)body->size);
        return true;
    }
    piece = memory_new(PIECE_SIZE, 1);
    while (ok && done < body->size) {
        uint64_t left = body->size - done;
        size_t count = left < PIECE_SIZE ? (size_t)left : PIECE_SIZE;

        ok = spool_read(body->spool, body->offset + done, piece, count, &count, err);
        if (ok)
            add(sums, piece, count);
        done += count;
    }
    free(piece);
    return ok;
}

bool s3_integrity_crc32(const struct http_body *body, char out[CHECKSUM_BASE64_SIZE],
                        struct error *err)
{
    struct sums sums = { .wants_crc32 = true };

    if (!add_body(&sums, body, err))
        return false;
    checksum_base64_number(sums.crc32, sizeof(sums.crc32), out);
    return true;
}

bool s3_integrity_crc64nvme(const struct http_body *body, char out[CHECKSUM_BASE64_SIZE],
                            struct error *err)
{
    struct sums sums = { .wants_crc64nvme = true };

    if (!add_body(&sums, body, err))
        return false;
    checksum_base64_number(sums.crc64nvme, sizeof(sums.crc64nvme), out);
    return true;
}

bool s3_integrity_md5(const struct http_body *body, char out[CHECKSUM_BASE64_SIZE],
                      struct error *err)
{
    struct sums sums = { .md5 = md5_new() };
    uint8_t digest[MD5_SIZE];
    bool ok = add_body(&sums, body, err);

    md5_finish(sums.md5, digest);
    if (ok)
        checksum_base64(digest, sizeof(digest), out);
    return ok;
}

/* A check of parts, "...-3", says nothing of the whole. */
static bool is_of_whole(const struct http_response *response, const char *check)
{
    return *check && response->status == 200 && !strchr(check, '-') &&
           strcasecmp(response->checksum_type, "COMPOSITE") != 0;
}

bool s3_integrity_is_md5(const char *etag)
{
    size_t quote = etag[0] == '"';
    const char *end = etag + quote + 32;

    return strspn(etag + quote, "0123456789abcdef") == 32 &&
           (*end == '\0' || strcmp(end, "\"") == 0);
}

/* Without the mark that a proxy may put before it, and without the quotes that some servers leave
 * out, here or in listings. */
static const char *bare_etag(const char *etag)
{
    etag += strncmp(etag, "W/", 2) == 0 ? 2 : 0;
    return etag + (*etag == '"');
}

bool s3_integrity_check_version(const struct http_response *response, const char *etag,
                                struct error *err)
{
    const char *got = bare_etag(response->etag);
    const char *wanted = bare_etag(etag ? etag : "");
    size_t length = strcspn(wanted, "\"");

    if (!*got || !*wanted || (length == strcspn(got, "\"") && strncmp(got, wanted, length) == 0))
        return true;
    return error_set(err, ERROR_OBJECT, "S3.PreconditionFailed",
                     "the object changed after it was listed; run again to take the new one");
}

bool s3_integrity_has_md5(const struct http_response *response)
{
    return s3_integrity_is_md5(response->etag) && strncmp(response->encryption, "aws:kms", 7) != 0;
}

/* Both are freed whatever they say. */
static bool hashes_agree(struct sums *sums, const struct http_response *response)
{
    char ours[CHECKSUM_BASE64_SIZE];
    uint8_t digest[SHA256_SIZE];
    bool same = true;

    if (sums->sha1) {
        sha1_finish(sums->sha1, digest);
        same = strcmp(checksum_base64(digest, SHA1_SIZE, ours), response->sha1) == 0;
    }
    if (sums->sha256) {
        sha256_finish(sums->sha256, digest);
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

static bool agrees_with_etag(struct md5 *md5, const struct http_response *response)
{
    uint8_t digest[MD5_SIZE];
    char hex[2 * MD5_SIZE + 1];

    md5_finish(md5, digest);
    digest_hex(digest, sizeof(digest), hex);
    return strncmp(response->etag + (response->etag[0] == '"'), hex, strlen(hex)) == 0;
}

bool s3_integrity_check(const struct http_response *response, const struct spool *spool,
                        bool by_etag, bool *intact, struct error *err)
{
    struct http_body body = { .spool = spool, .size = spool->size };
    struct sums sums = {
        .wants_crc64nvme = is_of_whole(response, response->crc64nvme),
        .wants_crc32 = is_of_whole(response, response->crc32),
        .wants_crc32c = is_of_whole(response, response->crc32c),
        .sha1 = is_of_whole(response, response->sha1) ? sha1_new() : NULL,
        .sha256 = is_of_whole(response, response->sha256) ? sha256_new() : NULL,
    };
    bool has_check =
        sums.wants_crc64nvme || sums.wants_crc32 || sums.wants_crc32c || sums.sha1 || sums.sha256;
    bool same;
    bool ok;

    *intact = true;
    if (!has_check && (!by_etag || !s3_integrity_has_md5(response)))
        return true;
    if (!has_check)
        sums.md5 = md5_new();
    ok = add_body(&sums, &body, err);
    same = hashes_agree(&sums, response);
    *intact = sums.md5 ? agrees_with_etag(sums.md5, response) : same && agree(&sums, response);
    return ok;
}
