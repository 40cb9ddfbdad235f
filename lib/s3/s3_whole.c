/* SPDX-License-Identifier: MIT */

/* Sums up what is read in order. */

#include "s3/s3_whole.h"

#include <string.h>

#include "base/digest.h"
#include "s3/s3_integrity.h"

enum { PIECE_SIZE = 64 * 1024, REST_SIZE = 8 * 1024 * 1024 };

void s3_whole_init(struct s3_whole *whole, const char *etag)
{
    *whole = (struct s3_whole){ .etag = etag };
    if (etag && s3_integrity_is_md5(etag))
        whole->sum = md5_new();
}

static void finish(struct s3_whole *whole, uint8_t digest[MD5_SIZE])
{
    md5_finish(whole->sum, digest);
    whole->sum = NULL;
}

void s3_whole_release(struct s3_whole *whole)
{
    uint8_t unused[MD5_SIZE];

    if (whole->sum)
        finish(whole, unused);
}

void s3_whole_add(struct s3_whole *whole, uint64_t offset, const void *bytes, uint64_t size)
{
    uint64_t known = whole->summed - offset;

    if (!whole->sum || offset > whole->summed || known >= size)
        return;
    md5_add(whole->sum, (const char *)bytes + known, (size_t)(size - known));
    whole->summed = offset + size;
}

bool s3_whole_complete(struct s3_whole *whole, const struct reader *reader, struct error *err)
{
    char piece[PIECE_SIZE];
    bool ok = true;

    if (!whole->sum || reader->size - whole->summed > REST_SIZE)
        return false;
    while (ok && whole->summed < reader->size) {
        uint64_t from = whole->summed;
        size_t got;

        ok = reader_read(reader, from, piece, sizeof(piece), &got, err);
        if (ok)
            s3_whole_add(whole, from, piece, got); /* nothing when the reader did that */
    }
    return ok;
}

bool s3_whole_agrees(struct s3_whole *whole)
{
    const char *expected = whole->etag + (whole->etag[0] == '"');
    uint8_t digest[MD5_SIZE];
    char hex[2 * MD5_SIZE + 1];

    finish(whole, digest);
    return strncmp(expected, digest_hex(digest, sizeof(digest), hex), sizeof(hex) - 1) == 0;
}
