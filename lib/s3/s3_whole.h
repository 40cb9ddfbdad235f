/* SPDX-License-Identifier: MIT */

/*
 * Compares an object that is read in pieces with its ETag, as far as that has an MD5: only when it
 * is read from the beginning to the end, as most sound is.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/object.h"
#include "base/reader.h"
#include "s3/s3_sum.h"

struct s3_whole {
    bool compares; /* all zero: there is nothing to compare with */
    struct s3_etag etag;
    struct s3_sum sum; /* with parts of the likeliest size */
    uint64_t summed;   /* bytes from the beginning on */
};

/* Without an MD5 in the ETag nothing will be compared. */
void s3_whole_init(struct s3_whole *whole, const struct object *object);
void s3_whole_release(struct s3_whole *whole);

/* These bytes of the object were read; what does not follow those before counts for nothing. */
void s3_whole_add(struct s3_whole *whole, uint64_t offset, const void *bytes, uint64_t size);

/*
 * Whether all has been summed up, or is now: up to 8 MiB that nobody needed are read for that.
 * False with *err untouched: there is nothing to compare.
 */
bool s3_whole_complete(struct s3_whole *whole, const struct reader *reader, struct error *err);

/* When it is complete: whether the bytes are those of the ETag. Ends the comparison. */
void s3_whole_judge(struct s3_whole *whole, struct s3_finding *finding);
