/* SPDX-License-Identifier: MIT */

/* Sums an object up once more. */

#include "s3/s3_reread.h"

#include <string.h>

#include "base/log.h"
#include "s3/s3_range.h"

/*
 * So many requests, whose replies begin where those of no first reading do: something that always
 * changes the same byte of a reply changes others now.
 */
enum { REPLIES = 3 };

struct reading {
    struct s3_range range; /* first, as it is what arrivals are noted by */
    struct s3_sum sum;
};

static void add(struct s3_range *range, const char *bytes, size_t count)
{
    struct reading *reading = (struct reading *)range;

    s3_sum_add(&reading->sum, bytes, count);
    range->received += count;
}

static bool read_all(struct reading *reading, struct s3_client *client, const char *bucket,
                     struct error *err)
{
    struct s3_range *range = &reading->range;
    const uint64_t end = range->object->size;
    const uint64_t step = end / REPLIES + 1;

    for (; range->first < end; range->first += range->size) {
        range->size = end - range->first < step ? end - range->first : step;
        range->received = 0;
        if (!s3_range_fetch(range, client, bucket, err))
            return false;
    }
    return true;
}

bool s3_reread(struct s3_client *client, const char *bucket, const struct object *object,
               struct s3_finding *finding, struct error *err)
{
    struct reading reading = { .range = { .object = object, .arrived = add } };
    uint8_t digest[MD5_SIZE];
    bool ok;

    log_debug("GetObject s3://%s/%s: its ETag is of parts of another size, or the bytes are "
              "damaged; reading it once more",
              bucket, object->key);
    s3_sum_init(&reading.sum, finding->part_size);
    ok = read_all(&reading, client, bucket, err);
    s3_sum_finish(&reading.sum, digest);
    if (reading.range.is_refused) { /* a server that knows no ranges has to be believed */
        finding->verdict = S3_INTACT;
        return true;
    }
    finding->verdict =
        memcmp(digest, finding->digest, sizeof(digest)) == 0 ? S3_INTACT : S3_DAMAGED;
    return ok;
}
