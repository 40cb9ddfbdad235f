/* SPDX-License-Identifier: MIT */

/* Uploads the parts of an object while it is made. */

#include "s3/s3_stream.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "s3/s3_parts.h"
#include "s3/s3_service_parts.h"
#include "s3/s3_write_headers.h"

enum {
    SENDERS = 3,         /* connections; as many parts are on their way */
    SLOTS = SENDERS + 2, /* one is filled meanwhile, one was just before */
    SLOTS_LEAST = 3,
};

/* Memory for one part. */
struct slot {
    char *bytes; /* owned; part_size of them; NULL: not used yet */
    size_t size;
    size_t number; /* of the part, from 1 */

    enum { SLOT_FREE, SLOT_FILLING, SLOT_FULL, SLOT_SENDING } state;
};

struct helper {
    struct s3_stream *stream; /* borrowed */
    struct s3_parts_sender sender;
    pthread_t thread;
};

struct s3_stream {
    const struct s3_upload_request *request; /* borrowed, as head */
    struct spool *head;
    struct s3_write_headers headers;
    struct s3_parts parts;
    uint64_t part_size;
    uint64_t size;        /* of all that was written, but for the tail */
    size_t slot_count;    /* for which the budget has given memory */
    struct slot *filling; /* NULL: the next byte needs a slot */
    struct slot *held;    /* the full one before it; NULL: there is none */
    struct spool tail;    /* what comes behind size while the end is written */
    bool ending;
    struct helper helpers[SENDERS];
    size_t helper_count;
    bool finished;
    pthread_mutex_t lock;
    pthread_cond_t changed;

    /* Guarded by lock. */
    struct slot slots[SLOTS]; /* the bytes of a slot belong to who has set its state */
    bool begun;
    bool closing;
    bool failed;
    struct error failure; /* the first one */
};

uint64_t s3_stream_least(struct s3_client *client)
{
    return s3_client_service(client)->single_put_max;
}

/* The full slot with the lowest number, or NULL. */
static struct slot *find_full_locked(struct s3_stream *stream)
{
    struct slot *found = NULL;

    for (size_t i = 0; i < stream->slot_count; i++) {
        struct slot *slot = &stream->slots[i];

        if (slot->state == SLOT_FULL && (!found || slot->number < found->number))
            found = slot;
    }
    return found;
}

static void fail_locked(struct s3_stream *stream, const struct error *err)
{
    if (!stream->failed)
        stream->failure = *err;
    stream->failed = true;
}

static void note(struct s3_stream *stream, struct slot *slot, bool ok, const struct error *err)
{
    pthread_mutex_lock(&stream->lock);
    if (slot)
        slot->state = SLOT_FREE;
    else
        stream->begun = ok;
    if (!ok)
        fail_locked(stream, err);
    pthread_cond_broadcast(&stream->changed);
    pthread_mutex_unlock(&stream->lock);
}

/* The first helper begins the upload, as the muxer need not wait for that. */
static void begin(struct s3_stream *stream, struct helper *helper)
{
    struct error err;
    bool ok;

    if (helper != &stream->helpers[0])
        return;
    ok = s3_upload_check_new(helper->sender.client, stream->request, &err) &&
         s3_parts_begin(&stream->parts, &err);
    note(stream, NULL, ok, &err);
}

/* Waits for a part to send; NULL: there will be none. */
static struct slot *next_part(struct s3_stream *stream)
{
    struct slot *slot = NULL;

    pthread_mutex_lock(&stream->lock);
    while (!stream->failed) {
        slot = stream->begun ? find_full_locked(stream) : NULL;
        if (slot || (stream->begun && stream->closing))
            break;
        pthread_cond_wait(&stream->changed, &stream->lock);
    }
    if (stream->failed)
        slot = NULL;
    if (slot)
        slot->state = SLOT_SENDING;
    pthread_mutex_unlock(&stream->lock);
    return slot;
}

static void *send_parts(void *arg)
{
    struct helper *helper = arg;
    struct s3_stream *stream = helper->stream;
    struct slot *slot;

    begin(stream, helper);
    while ((slot = next_part(stream))) {
        const struct http_body body = { .bytes = slot->bytes, .size = slot->size };
        struct error err;
        bool ok = s3_parts_send(&stream->parts, &helper->sender, slot->number, &body, &err);

        note(stream, slot, ok, &err);
    }
    return NULL;
}

/* One more thread sends, up to as many as there are parts on their way. */
static bool add_helper(struct s3_stream *stream, struct error *err)
{
    struct helper *helper = &stream->helpers[stream->helper_count];
    int failure;

    if (stream->helper_count == SENDERS)
        return true;
    helper->stream = stream;
    if (!s3_parts_sender_open(&helper->sender, &stream->parts, true, err)) {
        s3_parts_sender_close(&helper->sender);
        return stream->helper_count > 0;
    }
    failure = pthread_create(&helper->thread, NULL, send_parts, helper);
    if (!failure) {
        stream->helper_count++;
        return true;
    }
    s3_parts_sender_close(&helper->sender);
    return stream->helper_count > 0 || /* fewer will do */
           error_set_errno(err, ERROR_LOCAL, failure, "start an upload; lower --jobs");
}

/* Hands a slot over to the helpers. */
static bool submit(struct s3_stream *stream, struct slot **slot, struct error *err)
{
    if (!*slot)
        return true;
    pthread_mutex_lock(&stream->lock);
    (*slot)->state = SLOT_FULL;
    pthread_cond_broadcast(&stream->changed);
    pthread_mutex_unlock(&stream->lock);
    *slot = NULL;
    return add_helper(stream, err);
}

/* What is full stays until the next part is, as some muxers go back a little. */
static bool hold_full(struct s3_stream *stream, struct error *err)
{
    if (!submit(stream, &stream->held, err))
        return false;
    stream->held = stream->filling;
    stream->filling = NULL;
    return true;
}

static struct slot *find_free_locked(struct s3_stream *stream)
{
    for (size_t i = 0; i < stream->slot_count; i++) {
        if (stream->slots[i].state == SLOT_FREE)
            return &stream->slots[i];
    }
    return NULL;
}

static struct slot *wait_for_slot_locked(struct s3_stream *stream)
{
    struct slot *slot;

    while (!(slot = find_free_locked(stream)) && !stream->failed)
        pthread_cond_wait(&stream->changed, &stream->lock);
    return slot;
}

bool s3_stream_must_wait(struct s3_stream *stream, size_t size)
{
    const struct slot *filling = stream->filling;
    bool waits;

    if (stream->ending || (filling && stream->part_size - filling->size >= size))
        return false;
    pthread_mutex_lock(&stream->lock);
    waits = !find_free_locked(stream) && !stream->failed;
    pthread_mutex_unlock(&stream->lock);
    return waits;
}

void s3_stream_wait(struct s3_stream *stream)
{
    pthread_mutex_lock(&stream->lock);
    (void)wait_for_slot_locked(stream);
    pthread_mutex_unlock(&stream->lock);
}

/* Waits for room for the next part. */
static struct slot *take_slot(struct s3_stream *stream, struct error *err)
{
    size_t number = (size_t)(stream->size / stream->part_size) + 1;
    struct slot *slot;

    if (number > S3_PARTS_MAX) {
        error_set(err, ERROR_MEDIA, "Media.ResultTooLarge",
                  "the result is larger than %d parts of %" PRIu64 " bytes", S3_PARTS_MAX,
                  stream->part_size);
        return NULL;
    }
    pthread_mutex_lock(&stream->lock);
    slot = wait_for_slot_locked(stream);
    if (stream->failed) {
        *err = stream->failure;
        slot = NULL;
    } else {
        slot->state = SLOT_FILLING;
    }
    pthread_mutex_unlock(&stream->lock);
    if (!slot)
        return NULL;
    if (!slot->bytes)
        slot->bytes = memory_new((size_t)stream->part_size, 1);
    slot->number = number;
    slot->size = 0;
    stream->filling = slot;
    return slot;
}

static bool append(struct s3_stream *stream, const char *bytes, size_t size, struct error *err)
{
    while (size > 0) {
        struct slot *slot = stream->filling ? stream->filling : take_slot(stream, err);
        size_t count;

        if (!slot)
            return false;
        count = (size_t)stream->part_size - slot->size;
        if (count > size)
            count = size;
        memcpy(slot->bytes + slot->size, bytes, count);
        slot->size += count;
        stream->size += count;
        bytes += count;
        size -= count;
        if (slot->size == stream->part_size && !hold_full(stream, err))
            return false;
    }
    return true;
}

static struct slot *find_unsent(const struct s3_stream *stream, uint64_t offset)
{
    size_t number = (size_t)(offset / stream->part_size) + 1;

    if (stream->filling && stream->filling->number == number)
        return stream->filling;
    return stream->held && stream->held->number == number ? stream->held : NULL;
}

/* Bytes that are there already, all within one part. */
static bool patch_part(struct s3_stream *stream, uint64_t offset, const char *bytes, size_t size,
                       struct error *err)
{
    struct slot *slot = find_unsent(stream, offset);

    if (offset < stream->part_size)
        return spool_write(stream->head, offset, bytes, size, err);
    if (!slot)
        return error_set(err, ERROR_TRANSIENT, "Avmap.WrittenTwice",
                         "the muxer went back to byte %" PRIu64 ", which is on its way already",
                         offset);
    memcpy(slot->bytes + offset % stream->part_size, bytes, size);
    return true;
}

static bool patch(struct s3_stream *stream, uint64_t offset, const char *bytes, size_t size,
                  struct error *err)
{
    while (size > 0) {
        uint64_t left = stream->part_size - offset % stream->part_size;
        size_t count = size < left ? size : (size_t)left;

        if (!patch_part(stream, offset, bytes, count, err))
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

/* Appends what a spool holds from an offset on. */
static bool append_spool(struct s3_stream *stream, const struct spool *from, uint64_t offset,
                         struct error *err)
{
    char piece[16 * 1024];
    size_t got;

    for (; offset < from->size; offset += got) {
        if (!spool_read(from, offset, piece, sizeof(piece), &got, err) ||
            !append(stream, piece, got, err))
            return false;
    }
    return true;
}

/* As many slots as the budget has room for. */
static size_t take_memory(struct budget *budget, uint64_t part_size)
{
    size_t count = 0;

    while (count < SLOTS && budget_take(budget, part_size))
        count++;
    if (count >= SLOTS_LEAST)
        return count;
    budget_give(budget, count * part_size);
    return 0;
}

static struct s3_stream *new_stream(struct s3_client *client,
                                    const struct s3_upload_request *request, size_t slot_count)
{
    const struct s3_service *service = s3_client_service(client);
    struct s3_stream *stream = memory_new(1, sizeof(*stream));

    stream->request = request;
    stream->part_size = stream->size = service->part_size;
    stream->slot_count = slot_count;
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
    pthread_mutex_init(&stream->lock, NULL);
    pthread_cond_init(&stream->changed, NULL);
    return stream;
}

bool s3_stream_open(struct s3_client *client, const struct s3_upload_request *request,
                    struct spool *head, struct s3_stream **opened, struct error *err)
{
    const uint64_t part_size = s3_client_service(client)->part_size;
    size_t slot_count = take_memory(head->budget, part_size);
    struct s3_stream *stream;

    *opened = NULL;
    assert(head->size >= part_size);
    if (slot_count == 0)
        return true;
    stream = new_stream(client, request, slot_count);
    stream->head = head;
    spool_init(&stream->tail, head->budget);
    if (!append_spool(stream, head, part_size, err) || !spool_cut(head, part_size, err)) {
        s3_stream_close(stream);
        return false;
    }
    *opened = stream;
    return true;
}

/* Lets the helpers send what is full, and waits for their ends. */
static void end_helpers(struct s3_stream *stream)
{
    pthread_mutex_lock(&stream->lock);
    stream->closing = true;
    pthread_cond_broadcast(&stream->changed);
    pthread_mutex_unlock(&stream->lock);
    for (size_t i = 0; i < stream->helper_count; i++) {
        pthread_join(stream->helpers[i].thread, NULL);
        s3_parts_sender_close(&stream->helpers[i].sender);
    }
    stream->helper_count = 0;
}

/* Waits until the upload is begun; false: something has failed. */
static bool wait_for_begin(struct s3_stream *stream)
{
    bool goes_on;

    pthread_mutex_lock(&stream->lock);
    while (!stream->begun && !stream->failed)
        pthread_cond_wait(&stream->changed, &stream->lock);
    goes_on = !stream->failed;
    pthread_mutex_unlock(&stream->lock);
    return goes_on;
}

static bool send_head(struct s3_stream *stream, struct error *err)
{
    const struct http_body body = { .spool = stream->head, .size = stream->head->size };
    struct s3_parts_sender sender;
    bool ok = s3_parts_sender_open(&sender, &stream->parts, false, err) &&
              s3_parts_send(&stream->parts, &sender, 1, &body, err);

    s3_parts_sender_close(&sender);
    return ok;
}

static bool send_rest(struct s3_stream *stream, struct error *err)
{
    bool ok = append_spool(stream, &stream->tail, 0, err) && submit(stream, &stream->held, err) &&
              submit(stream, &stream->filling, err);

    if (ok && wait_for_begin(stream))
        ok = send_head(stream, err);
    end_helpers(stream);
    if (stream->failed)
        *err = stream->failure;
    return ok && !stream->failed;
}

bool s3_stream_finish(struct s3_stream *stream, char **etag, struct error *err)
{
    size_t count = (size_t)((stream->size + stream->part_size - 1) / stream->part_size);
    struct error failure;
    char *given = NULL;

    stream->finished =
        send_rest(stream, &failure) && s3_parts_complete(&stream->parts, count, &given, &failure);
    if (!stream->finished)
        s3_upload_explain(stream->request, &failure, err);
    if (stream->finished && etag)
        *etag = given;
    else
        free(given);
    return stream->finished;
}

void s3_stream_close(struct s3_stream *stream)
{
    if (!stream)
        return;
    pthread_mutex_lock(&stream->lock);
    stream->failed = true; /* what is still full need not be sent */
    pthread_mutex_unlock(&stream->lock);
    end_helpers(stream);
    if (!stream->finished)
        s3_parts_abort(&stream->parts);
    for (size_t i = 0; i < stream->slot_count; i++)
        free(stream->slots[i].bytes);
    spool_release(&stream->tail);
    budget_give(stream->head->budget, stream->slot_count * stream->part_size);
    s3_parts_release(&stream->parts);
    s3_write_headers_release(&stream->headers);
    pthread_cond_destroy(&stream->changed);
    pthread_mutex_destroy(&stream->lock);
    free(stream);
}
