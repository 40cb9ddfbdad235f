/* SPDX-License-Identifier: MIT */

/* Sums up what is read in order. */

#include "s3/s3_whole.h"

#include "base/checksum.h"

enum {
    PIECE_SIZE = 64 * 1024,
    SKIP_SIZE = 1024 * 1024, /* most of it is fetched all the same, as a window is read ahead */
    REST_SIZE = 8 * 1024 * 1024,
};

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

/* What goes on where another read ended belongs to that. */
static void note_ahead(struct s3_whole *whole, uint64_t offset, const void *bytes, size_t size)
{
    struct s3_whole_ahead *ahead = whole->ahead;

    while (ahead < whole->ahead + whole->ahead_count && ahead->end != offset)
        ahead++;
    if (ahead == whole->ahead + S3_WHOLE_AHEAD)
        return;
    if (ahead == whole->ahead + whole->ahead_count) {
        *ahead = (struct s3_whole_ahead){ .first = offset, .end = offset };
        whole->ahead_count++;
    }
    ahead->crc32 = checksum_crc32(ahead->crc32, bytes, size);
    ahead->end += size;
}

/* These bytes follow what is summed up; true: that is all of it now. */
static bool add_again(struct s3_whole_ahead *ahead, uint64_t offset, const char *bytes, size_t size)
{
    uint64_t skipped = ahead->first > offset ? ahead->first - offset : 0;
    uint64_t left = ahead->end - offset;

    if (skipped >= size)
        return false;
    if (left > size)
        left = size;
    ahead->again = checksum_crc32(ahead->again, bytes + skipped, (size_t)(left - skipped));
    return offset + left == ahead->end;
}

static void compare_ahead(struct s3_whole *whole, const char *bytes, size_t size)
{
    for (size_t i = whole->ahead_count; i-- > 0;) {
        struct s3_whole_ahead *ahead = &whole->ahead[i];

        if (!add_again(ahead, whole->summed, bytes, size))
            continue;
        whole->differs = whole->differs || ahead->again != ahead->crc32;
        *ahead = whole->ahead[--whole->ahead_count];
    }
}

void s3_whole_add(struct s3_whole *whole, uint64_t offset, const void *bytes, size_t size)
{
    uint64_t known = whole->summed - offset;
    const char *next;

    if (!whole->compares || size == 0)
        return;
    if (offset > whole->summed) {
        note_ahead(whole, offset, bytes, size);
        return;
    }
    if (known >= size)
        return;
    next = (const char *)bytes + known;
    size -= (size_t)known;
    s3_sum_add(&whole->sum, next, size);
    compare_ahead(whole, next, size);
    whole->summed += size;
}

static bool read_on(struct s3_whole *whole, const struct reader *reader, uint64_t end,
                    struct error *err)
{
    char piece[PIECE_SIZE];
    bool ok = true;

    while (ok && whole->summed < end) {
        uint64_t from = whole->summed;
        size_t size = end - from < sizeof(piece) ? (size_t)(end - from) : sizeof(piece);
        size_t got;

        ok = reader_read(reader, from, piece, size, &got, err);
        if (ok)
            s3_whole_add(whole, from, piece, got); /* nothing when the reader did that */
    }
    return ok;
}

void s3_whole_go_over(struct s3_whole *whole, const struct reader *reader, uint64_t offset)
{
    struct error ignored; /* as the next read meets it too */

    if (whole->compares && offset > whole->summed && offset - whole->summed <= SKIP_SIZE)
        (void)read_on(whole, reader, offset, &ignored);
}

bool s3_whole_complete(struct s3_whole *whole, const struct reader *reader, struct error *err)
{
    return whole->compares && reader->size - whole->summed <= REST_SIZE &&
           read_on(whole, reader, reader->size, err);
}

void s3_whole_judge(struct s3_whole *whole, struct s3_finding *finding)
{
    s3_sum_judge(&whole->sum, &whole->etag, finding);
    if (whole->differs)
        finding->verdict = S3_DAMAGED;
    whole->compares = false;
}
