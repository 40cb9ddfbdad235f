/* SPDX-License-Identifier: MIT */

/* Sums up what is read in order. */

#include "s3/s3_whole.h"

enum { PIECE_SIZE = 64 * 1024, REST_SIZE = 8 * 1024 * 1024 };

void s3_whole_init(struct s3_whole *whole, const struct object *object)
{
    uint64_t sizes[S3_SUM_SIZES_MAX];

    *whole = (struct s3_whole){ .summed = 0 };
    whole->compares = s3_etag_read(object->etag, &whole->etag);
    if (!whole->compares)
        return;
    (void)s3_sum_part_sizes(&whole->etag, object->size, sizes);
    s3_sum_init(&whole->sum, sizes[0]);
}

void s3_whole_release(struct s3_whole *whole)
{
    s3_sum_release(&whole->sum);
}

void s3_whole_add(struct s3_whole *whole, uint64_t offset, const void *bytes, uint64_t size)
{
    uint64_t known = whole->summed - offset;

    if (!whole->compares || offset > whole->summed || known >= size)
        return;
    s3_sum_add(&whole->sum, (const char *)bytes + known, (size_t)(size - known));
    whole->summed = offset + size;
}

bool s3_whole_complete(struct s3_whole *whole, const struct reader *reader, struct error *err)
{
    char piece[PIECE_SIZE];
    bool ok = true;

    if (!whole->compares || reader->size - whole->summed > REST_SIZE)
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

void s3_whole_judge(struct s3_whole *whole, struct s3_finding *finding)
{
    s3_sum_judge(&whole->sum, &whole->etag, finding);
    whole->compares = false;
}
