/* SPDX-License-Identifier: MIT */

/* Sends the parts of an object while it is made. */

#include "s3/s3_sending.h"

enum { PARTS_LEAST = 3 };

/* The full part with the lowest number, or NULL. */
static struct s3_sending_part *find_full_locked(struct s3_sending *sending)
{
    struct s3_sending_part *found = NULL;

    for (size_t i = 0; i < sending->part_count; i++) {
        struct s3_sending_part *part = &sending->list[i];

        if (part->state == S3_SENDING_FULL && (!found || part->number < found->number))
            found = part;
    }
    return found;
}

static void fail_locked(struct s3_sending *sending, const struct error *err)
{
    if (!sending->failed)
        sending->failure = *err;
    sending->failed = true;
}

static void note(struct s3_sending *sending, struct s3_sending_part *part, bool ok,
                 const struct error *err)
{
    pthread_mutex_lock(&sending->lock);
    if (part)
        part->state = S3_SENDING_FREE;
    else
        sending->begun = ok;
    if (!ok)
        fail_locked(sending, err);
    pthread_cond_broadcast(&sending->changed);
    pthread_mutex_unlock(&sending->lock);
}

/* Waits for a part to send; NULL: there will be none. */
static struct s3_sending_part *next_part(struct s3_sending *sending)
{
    struct s3_sending_part *part = NULL;

    pthread_mutex_lock(&sending->lock);
    while (!sending->failed) {
        part = sending->begun ? find_full_locked(sending) : NULL;
        if (part || (sending->begun && sending->closing))
            break;
        pthread_cond_wait(&sending->changed, &sending->lock);
    }
    if (sending->failed)
        part = NULL;
    if (part)
        part->state = S3_SENDING_ON_ITS_WAY;
    pthread_mutex_unlock(&sending->lock);
    return part;
}

static void *send_parts(void *arg)
{
    struct s3_sending *sending = arg;
    struct s3_sending_part *part;
    struct s3_parts_sender sender;

    s3_parts_sender_open(&sender, sending->parts, true);
    while ((part = next_part(sending))) {
        const struct http_body body = { .spool = &part->bytes, .size = part->bytes.size };
        struct error err;
        bool ok = s3_parts_send(sending->parts, &sender, part->number, &body, &err);

        note(sending, part, ok, &err);
    }
    s3_parts_sender_close(&sender);
    return NULL;
}

/* The first thread begins the upload, as the muxer need not wait for that. */
static void *begin_and_send(void *arg)
{
    struct s3_sending *sending = arg;
    struct error err;
    bool ok = s3_upload_check_new(sending->parts->client, sending->request, &err) &&
              s3_parts_begin(sending->parts, &err);

    note(sending, NULL, ok, &err);
    return send_parts(sending);
}

/* One more thread sends, up to as many as there are parts on their way. */
static bool add_thread(struct s3_sending *sending, struct error *err)
{
    size_t count = sending->thread_count;
    int failure;

    if (count == S3_SENDING_THREADS)
        return true;
    failure = pthread_create(&sending->threads[count], NULL,
                             count == 0 ? begin_and_send : send_parts, sending);
    if (!failure)
        sending->thread_count++;
    return sending->thread_count > 0 || /* fewer will do */
           error_set_errno(err, ERROR_LOCAL, failure, "start an upload; lower --jobs");
}

bool s3_sending_submit(struct s3_sending *sending, struct s3_sending_part **part, struct error *err)
{
    if (!*part)
        return true;
    pthread_mutex_lock(&sending->lock);
    (*part)->state = S3_SENDING_FULL;
    pthread_cond_broadcast(&sending->changed);
    pthread_mutex_unlock(&sending->lock);
    *part = NULL;
    return add_thread(sending, err);
}

/* Its memory is only taken when it is used. */
static struct s3_sending_part *add_part(struct s3_sending *sending)
{
    struct s3_sending_part *part = &sending->list[sending->part_count];

    if (sending->part_count == S3_SENDING_PARTS || !spool_claim(&part->bytes, sending->part_size))
        return NULL;
    sending->part_count++;
    return part;
}

/* One that was used before, if there is any: it has memory. */
static struct s3_sending_part *find_free_locked(struct s3_sending *sending)
{
    for (size_t i = 0; i < sending->part_count; i++) {
        if (sending->list[i].state == S3_SENDING_FREE)
            return &sending->list[i];
    }
    return add_part(sending);
}

static struct s3_sending_part *wait_for_part_locked(struct s3_sending *sending)
{
    struct s3_sending_part *part;

    while (!(part = find_free_locked(sending)) && !sending->failed)
        pthread_cond_wait(&sending->changed, &sending->lock);
    return part;
}

bool s3_sending_is_busy(struct s3_sending *sending)
{
    bool busy;

    pthread_mutex_lock(&sending->lock);
    busy = !find_free_locked(sending) && !sending->failed;
    pthread_mutex_unlock(&sending->lock);
    return busy;
}

void s3_sending_wait(struct s3_sending *sending)
{
    pthread_mutex_lock(&sending->lock);
    (void)wait_for_part_locked(sending);
    pthread_mutex_unlock(&sending->lock);
}

/* Empty, with room for size bytes, or for what was promised to it. */
static bool prepare(struct s3_sending_part *part, uint64_t size, bool in_memory, struct error *err)
{
    struct spool *bytes = &part->bytes;

    if (!spool_rewind(bytes, err))
        return false;
    if (in_memory && bytes->file < 0 && !spool_claim(bytes, size))
        size = bytes->claimed;
    part->full = size;
    return spool_reserve(bytes, size, err);
}

struct s3_sending_part *s3_sending_take(struct s3_sending *sending, uint64_t size, bool in_memory,
                                        struct error *err)
{
    struct s3_sending_part *part;

    pthread_mutex_lock(&sending->lock);
    part = wait_for_part_locked(sending);
    if (sending->failed) {
        *err = sending->failure;
        part = NULL;
    } else {
        part->state = S3_SENDING_FILLING;
    }
    pthread_mutex_unlock(&sending->lock);
    return part && prepare(part, size, in_memory, err) ? part : NULL;
}

static void give_memory(struct s3_sending *sending)
{
    for (size_t i = 0; i < S3_SENDING_PARTS; i++)
        spool_release(&sending->list[i].bytes);
}

bool s3_sending_open(struct s3_sending *sending, struct s3_parts *parts,
                     const struct s3_upload_request *request, struct budget *budget,
                     uint64_t part_size)
{
    *sending = (struct s3_sending){ .parts = parts, .request = request, .part_size = part_size };
    for (size_t i = 0; i < S3_SENDING_PARTS; i++)
        spool_init(&sending->list[i].bytes, budget);
    while (sending->part_count < PARTS_LEAST) {
        if (!add_part(sending)) {
            give_memory(sending);
            return false;
        }
    }
    pthread_mutex_init(&sending->lock, NULL);
    pthread_cond_init(&sending->changed, NULL);
    return true;
}

bool s3_sending_wait_for_begin(struct s3_sending *sending)
{
    bool goes_on;

    pthread_mutex_lock(&sending->lock);
    while (!sending->begun && !sending->failed)
        pthread_cond_wait(&sending->changed, &sending->lock);
    goes_on = !sending->failed;
    pthread_mutex_unlock(&sending->lock);
    return goes_on;
}

bool s3_sending_finish(struct s3_sending *sending, struct error *err)
{
    pthread_mutex_lock(&sending->lock);
    sending->closing = true;
    pthread_cond_broadcast(&sending->changed);
    pthread_mutex_unlock(&sending->lock);
    for (size_t i = 0; i < sending->thread_count; i++)
        pthread_join(sending->threads[i], NULL);
    sending->thread_count = 0;
    if (sending->failed)
        *err = sending->failure;
    return !sending->failed;
}

void s3_sending_close(struct s3_sending *sending)
{
    struct error ignored;

    pthread_mutex_lock(&sending->lock);
    sending->failed = true;
    pthread_mutex_unlock(&sending->lock);
    (void)s3_sending_finish(sending, &ignored);
    give_memory(sending);
    pthread_cond_destroy(&sending->changed);
    pthread_mutex_destroy(&sending->lock);
}
