/* SPDX-License-Identifier: MIT */

/* MD5s of parts. */

#include "s3/s3_sum.h"

#include <stdbool.h>
#include <string.h>

#define MIB (UINT64_C(1) << 20)

/*
 * MiB, as the documents of these programs name them: 8 aws, boto3, avmap and the SDKs of Java and
 * .NET, 5 rclone and the SDKs of Go and JavaScript, 16 mc and the console, 15 s3cmd, 10 s3fs and
 * Arrow, 50 s5cmd; and what people set instead. aws doubles its 8 as objects grow.
 */
static const unsigned usual[] = { 8, 5, 16, 15, 10, 50, 64, 100, 32, 20, 25, 128, 256, 512 };

static uint64_t divide_up(uint64_t size, uint64_t by)
{
    return size / by + (size % by != 0);
}

struct choice {
    uint64_t *sizes;
    size_t count;
    uint64_t object;
    unsigned parts;
};

static void offer(struct choice *choice, uint64_t size)
{
    if (choice->count == S3_SUM_SIZES_MAX || size == 0 ||
        divide_up(choice->object, size) != choice->parts)
        return;
    for (size_t i = 0; i < choice->count; i++) {
        if (choice->sizes[i] == size)
            return;
    }
    choice->sizes[choice->count++] = size;
}

size_t s3_sum_part_sizes(const struct s3_etag *etag, uint64_t size,
                         uint64_t sizes[S3_SUM_SIZES_MAX])
{
    struct choice choice = { sizes, 0, size, etag->parts };
    uint64_t least;

    sizes[0] = 0;
    if (etag->parts == 0)
        return 1;
    least = sizes[0] = size ? divide_up(size, etag->parts) : 1;
    for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
        offer(&choice, usual[i] * MIB);
    offer(&choice, least); /* equal parts, or a ten-thousandth */
    for (size_t i = 0; i < S3_SUM_SIZES_MAX; i++)
        offer(&choice, (divide_up(least, MIB) + i) * MIB);
    return choice.count ? choice.count : 1;
}

void s3_sum_init(struct s3_sum *sum, uint64_t part_size)
{
    *sum = (struct s3_sum){
        .part = digest_new(DIGEST_MD5),
        .parts = part_size ? digest_new(DIGEST_MD5) : NULL,
        .part_size = part_size,
        .left = part_size,
    };
}

/* Goes on with the next one. */
static void end_part(struct s3_sum *sum)
{
    uint8_t digest[MD5_SIZE];

    digest_finish(sum->part, digest);
    digest_add(sum->parts, digest, sizeof(digest));
    sum->part = digest_new(DIGEST_MD5);
    sum->left = sum->part_size;
}

void s3_sum_add(struct s3_sum *sum, const void *bytes, size_t size)
{
    const char *from = bytes;

    while (size > 0) {
        size_t count = sum->parts && size > sum->left ? (size_t)sum->left : size;

        digest_add(sum->part, from, count);
        from += count;
        size -= count;
        if (!sum->parts)
            continue;
        sum->left -= count;
        if (sum->left == 0)
            end_part(sum);
    }
}

void s3_sum_finish(struct s3_sum *sum, uint8_t digest[MD5_SIZE])
{
    if (sum->parts) {
        if (sum->left < sum->part_size)
            end_part(sum);
        digest_finish(sum->part, digest); /* of no bytes */
        sum->part = sum->parts;
    }
    digest_finish(sum->part, digest);
    *sum = (struct s3_sum){ .part = NULL };
}

void s3_sum_release(struct s3_sum *sum)
{
    uint8_t unused[MD5_SIZE];

    if (sum->part)
        s3_sum_finish(sum, unused);
}

void s3_sum_judge(struct s3_sum *sum, const struct s3_etag *etag, struct s3_finding *finding)
{
    finding->part_size = sum->part_size;
    s3_sum_finish(sum, finding->digest);
    if (memcmp(finding->digest, etag->md5, MD5_SIZE) == 0)
        finding->verdict = S3_INTACT;
    else
        finding->verdict = etag->parts ? S3_UNSURE : S3_DAMAGED;
}
