/* SPDX-License-Identifier: MIT */

/*
 * Sums the bytes of an object up as S3 does for its ETag: their MD5, or, of an upload in parts, the
 * MD5 of the MD5s of the parts. How large those were an ETag does not say, only how many.
 * Threads: confined.
 */

#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "s3/s3_etag.h"

enum { S3_SUM_SIZES_MAX = 16 };

struct s3_sum {
    struct digest *part;  /* owned; all where there are no parts; NULL: not begun, or finished */
    struct digest *parts; /* owned; of their sums; NULL: there are none */
    uint64_t part_size;   /* 0: there are no parts */
    uint64_t left;        /* of the part */
};

/* What came of a comparison with an ETag. */
enum s3_verdict {
    S3_INTACT,
    S3_DAMAGED,
    S3_UNSURE, /* or the parts were of another size; another reading will tell */
};

struct s3_finding {
    enum s3_verdict verdict;
    uint64_t part_size;       /* what digest is the sum with */
    uint8_t digest[MD5_SIZE]; /* the same when all bytes are the same */
};

/*
 * How large the parts of an object of that size may have been, the likeliest size first: those that
 * the usual programs send. Returns how many sizes these are, at least one; 0 alone for no parts.
 */
size_t s3_sum_part_sizes(const struct s3_etag *etag, uint64_t size,
                         uint64_t sizes[S3_SUM_SIZES_MAX]);

void s3_sum_init(struct s3_sum *sum, uint64_t part_size);
void s3_sum_add(struct s3_sum *sum, const void *bytes, size_t size);

/* Ends the sum, and frees what it holds; all zero is fine for the latter. */
void s3_sum_finish(struct s3_sum *sum, uint8_t digest[MD5_SIZE]);
void s3_sum_release(struct s3_sum *sum);

/* Ends the sum of all bytes of an object and says what comes of it. */
void s3_sum_judge(struct s3_sum *sum, const struct s3_etag *etag, struct s3_finding *finding);
