/* SPDX-License-Identifier: MIT */

/*
 * One object that goes up in parts while it is still made. The first part is kept back, as headers
 * are patched when all is known; of the others a few are in memory, on their way in the background.
 * Threads: confined; it has threads of its own while it lasts.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/spool.h"
#include "s3/s3_client.h"
#include "s3/s3_upload.h"

struct s3_stream;

/*
 * How large the part is that begins behind so many bytes: so that 10,000 parts, of which the first
 * has first_size, are enough for the largest object that S3 takes.
 */
uint64_t s3_stream_part_size(uint64_t first_size, uint64_t written);

/* Of the first part. An object that is no larger needs no stream. */
uint64_t s3_stream_first_size(struct s3_client *client);

/*
 * Takes over an object of which head holds what was written so far, s3_stream_first_size bytes at
 * most; head then keeps the first part. Both and what request points to are borrowed until the
 * close. NULL: head's budget has no room for parts; those that have grown may go into files.
 */
struct s3_stream *s3_stream_open(struct s3_client *client, const struct s3_upload_request *request,
                                 struct spool *head);

/*
 * At the end, in the first part, or less than a part before the end; waits while the parts in
 * memory are on their way. Fails as an upload does, also for earlier bytes; with ERROR_TRANSIENT,
 * Avmap.WrittenTwice for bytes that are gone.
 */
bool s3_stream_write(struct s3_stream *stream, uint64_t offset, const void *bytes, size_t size,
                     struct error *err);

/* Whether a write of so many bytes at the end would have to wait now; and that wait alone. */
bool s3_stream_must_wait(struct s3_stream *stream, size_t size);
void s3_stream_wait(struct s3_stream *stream);

/* From now on bytes behind the present end can be written again, however many follow. */
void s3_stream_end_begins(struct s3_stream *stream);

/* Sends the rest, or all when one PUT will do; the object appears. etag is given to the caller; may
 * be NULL. */
bool s3_stream_finish(struct s3_stream *stream, char **etag, struct error *err);

/* Takes back what was not finished. NULL is fine. */
void s3_stream_close(struct s3_stream *stream);
