/* SPDX-License-Identifier: MIT */

/*
 * Compares an object that is read in pieces with its ETag, an MD5 on most servers: only when it is
 * read from the beginning to the end, as most sound is.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/reader.h"

struct md5;

struct s3_whole {
    struct md5 *sum; /* owned; NULL: there is nothing to compare with */
    uint64_t summed; /* bytes from the beginning on */
    const char *etag;
};

/* etag is borrowed; NULL, or one that is no MD5: nothing will be compared, as with all zero. */
void s3_whole_init(struct s3_whole *whole, const char *etag);
void s3_whole_release(struct s3_whole *whole);

/* These bytes of the object were read; what does not follow those before counts for nothing. */
void s3_whole_add(struct s3_whole *whole, uint64_t offset, const void *bytes, uint64_t size);

/*
 * Whether all has been summed up, or is now: up to 8 MiB that nobody needed are read for that.
 * False with *err untouched: there is nothing to compare.
 */
bool s3_whole_complete(struct s3_whole *whole, const struct reader *reader, struct error *err);

/* When it is complete: whether the bytes are those of the ETag. Ends the comparison. */
bool s3_whole_agrees(struct s3_whole *whole);
