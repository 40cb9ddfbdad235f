/* SPDX-License-Identifier: MIT */

/*
 * A large object that is read at any offset while it is fetched: in ranges of one version of it, by
 * a few threads that read ahead, with no more of it in memory than a window. What was dropped from
 * the window is fetched again when it is read again.
 * Threads: confined; it has its own.
 */

#pragma once

#include "base/attributes.h"
#include "base/budget.h"
#include "base/object.h"
#include "base/reader.h"
#include "s3/s3_client.h"

struct s3_ranges;

/* All borrowed until it is closed, and the client may be used for other things. */
struct s3_ranges_request {
    struct s3_client *client; /* for what it talks to, and the wish to stop */
    const char *bucket;
    const struct object *object; /* with its size, not 0, and an ETag or a version */
    struct budget *budget;       /* for up to 64 MiB, at most half of what it has, or for 1 MiB */
    struct reader_waits waits;
};

/* Whether it is worth trying: the server has not shown that it knows no ranges. */
bool s3_ranges_are_known(struct s3_client *client);

/* Begins to fetch the beginning. Never NULL. */
MUST_USE struct s3_ranges *s3_ranges_open(const struct s3_ranges_request *request);

/*
 * Reads fail as requests do. After a failure all do, and with ERROR_OBJECT when the object changed
 * meanwhile.
 */
struct reader s3_ranges_reader(struct s3_ranges *ranges);

/*
 * After all reads: whether what was read is what the server has. Over http, where nothing else
 * protects the bytes, an object that was read in order is compared with its ETag; up to 8 MiB that
 * were not needed are fetched for that. ERROR_TRANSIENT, S3.ChecksumMismatch: they differ.
 */
bool s3_ranges_check(struct s3_ranges *ranges, struct error *err);

/* Whether reads failed because the server answers with whole objects. */
bool s3_ranges_are_refused(const struct s3_ranges *ranges);

/* Breaks off what is under way. NULL is fine. */
void s3_ranges_close(struct s3_ranges *ranges);
