/* SPDX-License-Identifier: MIT */

/* Uploads the parts of an object while it is made. */

#include "s3/s3_stream.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "s3/s3_parts.h"
#include "s3/s3_sending.h"
#include "s3/s3_service_parts.h"
#include "s3/s3_write_headers.h"

enum {
    PIECE_SIZE = 16 * 1024,
    PARTS_IN_MEMORY = 5000, /* so many do not grow into files: 39 GiB need no disk */
};

struct s3_stream {
    const struct s3_upload_request *request; /* borrowed, as head */
    struct spool *head;
    struct s3_write_headers headers;
    struct s3_parts parts;
    struct s3_sending sending;
    uint64_t first_size;             /* of the part in head */
    bool parts_are_equal;            /* but for the last one */
    uint64_t size;                   /* of all that was written, but for the tail */
    size_t part_count;               /* that were begun, with the one in head */
    struct s3_sending_part *filling; /* NULL: the next byte needs another part */
    struct s3_sending_part *held;    /* the full one before it; NULL: there is none */
    struct spool tail;               /* what comes behind size while the end is written */
    bool ending;
    bool finished;
};

/*
 * Of 10,000 parts of up to 5 GiB, which are 53.7 TB, 9,313 must be of the largest size for the 50
 * TB that S3 takes. So the parts are small for the first 384 of them, 3 GiB with 8 MiB each, and
 * then a fortieth of what has been written since, which makes some 670 parts that are smaller.
 */
uint64_t s3_stream_part_size(uint64_t first_size, uint64_t written)
{
    const uint64_t small = 384 * first_size;
    uint64_t grown = written > small ? (written - small) / 40 : 0;

    if (grown < first_size)
        return first_size;
    return grown < S3_PARTS_SIZE_MAX ? grown : S3_PARTS_SIZE_MAX;
}

uint64_t s3_stream_first_size(struct s3_client *client)
{
    return s3_client_service(client)->part_size;
}

static bool in_head(const struct s3_stream *stream)
{
    return stream->size < stream->first_size;
}

/* For so many bytes at the end no other part is needed. */
static uint64_t room(const struct s3_stream *stream)
{
    if (in_head(stream))
        return stream->first_size - stream->size;
    return stream->filling ? stream->filling->full - stream->filling->bytes.size : 0;
}

/* What is full stays until the next part is, as some muxers go back a little. */
static bool hold_full(struct s3_stream *stream, struct error *err)
{
    if (!s3_sending_submit(&stream->sending, &stream->held, err))
        return false;
    stream->held = stream->filling;
    stream->filling = NULL;
    return true;
}

bool s3_stream_must_wait(struct s3_stream *stream, size_t size)
{
    if (stream->ending || room(stream) >= size)
        return false;
    return s3_sending_is_busy(&stream->sending);
}

void s3_stream_wait(struct s3_stream *stream)
{
    s3_sending_wait(&stream->sending);
}

/* Waits for room for the next part. */
static bool take_part(struct s3_stream *stream, struct error *err)
{
    uint64_t size = stream->parts_are_equal ? stream->first_size
                                            : s3_stream_part_size(stream->first_size, stream->size);
    struct s3_sending_part *part;

    if (stream->part_count == S3_PARTS_MAX)
        return error_set(err, ERROR_MEDIA, "Media.ResultTooLarge",
                         "the result is larger than %d parts, which are %" PRIu64 " bytes",
                         S3_PARTS_MAX, stream->size);
    part = s3_sending_take(&stream->sending, size, stream->part_count < PARTS_IN_MEMORY, err);
    if (!part)
        return false;
    part->number = ++stream->part_count;
    part->offset = stream->size;
    stream->filling = part;
    return true;
}

static bool append(struct s3_stream *stream, const char *bytes, size_t size, struct error *err)
{
    while (size > 0) {
        bool is_first = in_head(stream);
        struct spool *spool;
        uint64_t count;

        if (!is_first && !stream->filling && !take_part(stream, err))
            return false;
        spool = is_first ? stream->head : &stream->filling->bytes;
        count = room(stream) < size ? room(stream) : size;
        if (!spool_write(spool, spool->size, bytes, (size_t)count, err))
            return false;
        stream->size += count;
        bytes += count;
        size -= (size_t)count;
        if (!is_first && room(stream) == 0 && !hold_full(stream, err))
            return false;
    }
    return true;
}

static bool has(const struct s3_sending_part *part, uint64_t offset)
{
    return part && offset >= part->offset && offset - part->offset < part->bytes.size;
}

/* What is there already and not yet sent; *offset becomes the one within it. */
static struct spool *find_unsent(struct s3_stream *stream, uint64_t *offset)
{
    struct s3_sending_part *part = has(stream->held, *offset) ? stream->held : stream->filling;

    if (*offset < stream->head->size)
        return stream->head;
    if (!has(part, *offset))
        return NULL;
    *offset -= part->offset;
    return &part->bytes;
}

/* Bytes that are there already. */
static bool patch(struct s3_stream *stream, uint64_t offset, const char *bytes, size_t size,
                  struct error *err)
{
    while (size > 0) {
        uint64_t at = offset;
        struct spool *spool = find_unsent(stream, &at);
        size_t count;

        if (!spool)
            return error_set(err, ERROR_TRANSIENT, "Avmap.WrittenTwice",
                             "the muxer went back to byte %" PRIu64 ", which is on its way already",
                             offset);
        count = size < spool->size - at ? size : (size_t)(spool->size - at);
        if (!spool_write(spool, at, bytes, count, err))
            return false;
        offset += count;
        bytes += count;
        size -= count;
    }
    return true;
}

static bool append_zeros(struct s3_stream *stream, uint64_t count, struct error *err)
{
    static const char zeros[4096];

    for (; count > sizeof(zeros); count -= sizeof(zeros)) {
        if (!append(stream, zeros, sizeof(zeros), err))
            return false;
    }
    return append(stream, zeros, (size_t)count, err);
}

bool s3_stream_write(struct s3_stream *stream, uint64_t offset, const void *bytes, size_t size,
                     struct error *err)
{
    const char *from = bytes;
    uint64_t again = offset < stream->size ? stream->size - offset : 0;

    if (again > size)
        again = size;
    if (again > 0 && !patch(stream, offset, from, (size_t)again, err))
        return false;
    offset += again;
    from += again;
    size -= (size_t)again;
    if (size == 0)
        return true;
    if (stream->ending)
        return spool_write(&stream->tail, offset - stream->size, from, size, err);
    return (offset == stream->size || append_zeros(stream, offset - stream->size, err)) &&
           append(stream, from, size, err);
}

void s3_stream_end_begins(struct s3_stream *stream)
{
    stream->ending = true;
}

static bool append_tail(struct s3_stream *stream, struct error *err)
{
    char piece[PIECE_SIZE];
    size_t got;

    for (uint64_t offset = 0; offset < stream->tail.size; offset += got) {
        if (!spool_read(&stream->tail, offset, piece, sizeof(piece), &got, err) ||
            !append(stream, piece, got, err))
            return false;
    }
    return true;
}

static struct s3_stream *new_stream(struct s3_client *client,
                                    const struct s3_upload_request *request, struct spool *head)
{
    const struct s3_service *service = s3_client_service(client);
    struct s3_stream *stream = memory_new(1, sizeof(*stream));

    stream->request = request;
    stream->head = head;
    stream->first_size = service->part_size;
    stream->size = head->size;
    stream->parts_are_equal = endpoint_wants_equal_parts(&service->endpoint);
    stream->part_count = 1;
    s3_write_headers_init(&stream->headers, &service->settings, request);
    s3_parts_init(&stream->parts, client,
                  &(struct s3_parts_request){
                      .bucket = request->bucket,
                      .key = request->key,
                      .headers = stream->headers.list,
                      .header_count = stream->headers.count,
                      .most = S3_PARTS_MAX,
                      .only_new = request->only_new,
                  });
    spool_init(&stream->tail, head->budget);
    return stream;
}

static void free_stream(struct s3_stream *stream)
{
    spool_release(&stream->tail);
    s3_parts_release(&stream->parts);
    s3_write_headers_release(&stream->headers);
    free(stream);
}

struct s3_stream *s3_stream_open(struct s3_client *client, const struct s3_upload_request *request,
                                 struct spool *head)
{
    struct s3_stream *stream = new_stream(client, request, head);

    assert(head->size <= stream->first_size);
    if (s3_sending_open(&stream->sending, &stream->parts, request, head->budget,
                        stream->first_size))
        return stream;
    free_stream(stream);
    return NULL;
}

static bool send_head(struct s3_stream *stream, struct error *err)
{
    const struct http_body body = { .spool = stream->head, .size = stream->head->size };
    struct s3_parts_sender sender;
    bool ok;

    s3_parts_sender_open(&sender, &stream->parts, false);
    ok = s3_parts_send(&stream->parts, &sender, 1, &body, err);
    s3_parts_sender_close(&sender);
    return ok;
}

static bool send_rest(struct s3_stream *stream, struct error *err)
{
    struct error earlier;
    bool ok = append_tail(stream, err) && s3_sending_submit(&stream->sending, &stream->held, err) &&
              s3_sending_submit(&stream->sending, &stream->filling, err);

    if (ok && s3_sending_wait_for_begin(&stream->sending))
        ok = send_head(stream, err);
    if (s3_sending_finish(&stream->sending, &earlier))
        return ok;
    *err = earlier;
    return false;
}

/* At most one part was begun then, and is not on its way yet. */
static bool is_small(const struct s3_stream *stream)
{
    return stream->size + stream->tail.size <=
           s3_client_service(stream->parts.client)->single_put_max;
}

static bool put_whole(struct s3_stream *stream, char **etag, struct error *err)
{
    const struct s3_sending_part *part = stream->held ? stream->held : stream->filling;

    return (!part || spool_append(stream->head, &part->bytes, err)) &&
           spool_append(stream->head, &stream->tail, err) &&
           s3_upload(stream->parts.client, stream->request, stream->head, etag, err);
}

static bool finish_parts(struct s3_stream *stream, char **etag, struct error *err)
{
    struct error failure;
    char *given = NULL;
    bool ok = send_rest(stream, &failure) &&
              s3_parts_complete(&stream->parts, stream->part_count, &given, &failure);

    if (!ok)
        s3_upload_explain(stream->request, &failure, err);
    if (ok && etag)
        *etag = given;
    else
        free(given);
    return ok;
}

bool s3_stream_finish(struct s3_stream *stream, char **etag, struct error *err)
{
    stream->finished =
        is_small(stream) ? put_whole(stream, etag, err) : finish_parts(stream, etag, err);
    return stream->finished;
}

void s3_stream_close(struct s3_stream *stream)
{
    if (!stream)
        return;
    s3_sending_close(&stream->sending);
    if (!stream->finished)
        s3_parts_abort(&stream->parts);
    free_stream(stream);
}
