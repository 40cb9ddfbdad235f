/* SPDX-License-Identifier: MIT */

/*
 * Compares an object that is read in pieces with its ETag, as far as that has an MD5: only when it
 * is read from the beginning to the end, or nearly so. What is read before its turn, as an index at
 * the end, must be the same when its turn comes, as it may have been fetched twice.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/object.h"
#include "base/reader.h"
#include "s3/s3_sum.h"

enum { S3_WHOLE_AHEAD = 32 };

/* What was read without what is before it. */
struct s3_whole_ahead {
    uint64_t first;
    uint64_t end;
    uint32_t crc32;
    uint32_t again; /* of the part that has been summed up since */
};

struct s3_whole {
    bool compares; /* all zero: there is nothing to compare with */
    struct s3_etag etag;
    struct s3_sum sum; /* with parts of the likeliest size */
    uint64_t summed;   /* bytes from the beginning on */
    struct s3_whole_ahead ahead[S3_WHOLE_AHEAD];
    size_t ahead_count;
    bool differs; /* something that was read ahead */
};

/* Without an MD5 in the ETag nothing will be compared. */
void s3_whole_init(struct s3_whole *whole, const struct object *object);
void s3_whole_release(struct s3_whole *whole);

/* These bytes of the object were read. More jumps than S3_WHOLE_AHEAD at a time are not looked at.
 */
void s3_whole_add(struct s3_whole *whole, uint64_t offset, const void *bytes, size_t size);

/*
 * Before a read at offset: what is jumped over is read for the sum as long as that is no more than
 * 1 MiB, such as pictures where sound is wanted. The reader fails from then on where this does.
 */
void s3_whole_go_over(struct s3_whole *whole, const struct reader *reader, uint64_t offset);

/*
 * Whether all has been summed up, or is now: up to 8 MiB that nobody needed are read for that.
 * False with *err untouched: there is nothing to compare.
 */
bool s3_whole_complete(struct s3_whole *whole, const struct reader *reader, struct error *err);

/* When it is complete: whether the bytes are those of the ETag. Ends the comparison. */
void s3_whole_judge(struct s3_whole *whole, struct s3_finding *finding);
