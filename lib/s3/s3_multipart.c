/* SPDX-License-Identifier: MIT */

/* Uploads in parts, several at a time. */

#include "s3/s3_multipart.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/log.h"
#include "s3/s3_service_parts.h"

enum {
    MIB = 1024 * 1024,
    SENDERS = 4,
    UPLOADS = 3,              /* of an object, when they are lost */
    PARALLEL_PART_SIZE = MIB, /* smaller ones are not worth a connection */
};

/* A large object on its way. */
struct spooled {
    struct s3_parts parts;
    const struct spool *from; /* borrowed */
    uint64_t part_size;
    size_t count;
    _Atomic size_t next; /* the number of the part to send next */
    _Atomic bool failed; /* some part did, so that the others need not be sent */
};

/* One of those who send parts at the same time. */
struct helper {
    struct spooled *spooled; /* borrowed */
    struct s3_parts_sender sender;
    bool ok;
    struct error err;
};

static bool send_part(struct helper *helper, size_t number, struct error *err)
{
    struct spooled *spooled = helper->spooled;
    uint64_t offset = (number - 1) * spooled->part_size;
    uint64_t left = spooled->from->size - offset;
    const struct http_body body = {
        .spool = spooled->from,
        .offset = offset,
        .size = left < spooled->part_size ? left : spooled->part_size,
    };

    return s3_parts_send(&spooled->parts, &helper->sender, number, &body, err);
}

/* Sends parts that nobody else sends until there are none, or one has failed. */
static void *send_parts(void *arg)
{
    struct helper *helper = arg;
    struct spooled *spooled = helper->spooled;

    helper->ok = true;
    while (helper->ok && !atomic_load(&spooled->failed)) {
        size_t number = atomic_fetch_add(&spooled->next, 1);

        if (number > spooled->count)
            break;
        helper->ok = send_part(helper, number, &helper->err);
    }
    if (!helper->ok)
        atomic_store(&spooled->failed, true);
    return NULL;
}

static bool open_helper(struct helper *helper, struct spooled *spooled, bool beside)
{
    struct error ignored;

    helper->spooled = spooled;
    return s3_parts_sender_open(&helper->sender, &spooled->parts, beside, &ignored);
}

/* One connection rarely fills the line; a few do. This thread sends too. */
static bool send_all_parts(struct spooled *spooled, struct error *err)
{
    bool is_worth_it = spooled->part_size >= PARALLEL_PART_SIZE;
    struct helper helpers[SENDERS] = { 0 };
    pthread_t threads[SENDERS];
    size_t count = 1;
    bool ok = true;

    (void)open_helper(&helpers[0], spooled, false);
    while (is_worth_it && count < SENDERS && count < spooled->count) {
        if (!open_helper(&helpers[count], spooled, true) ||
            pthread_create(&threads[count], NULL, send_parts, &helpers[count]) != 0) {
            s3_parts_sender_close(&helpers[count].sender);
            break; /* fewer will do */
        }
        count++;
    }
    send_parts(&helpers[0]);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            pthread_join(threads[i], NULL);
        if (ok && !helpers[i].ok)
            *err = helpers[i].err;
        ok = ok && helpers[i].ok;
        s3_parts_sender_close(&helpers[i].sender);
    }
    return ok;
}

/* Grown in whole MiB, so that sizes look alike whatever the object's. */
static uint64_t choose_part_size(uint64_t wanted, uint64_t size)
{
    uint64_t least = (size + S3_PARTS_MAX - 1) / S3_PARTS_MAX;

    return wanted >= least ? wanted : (least + MIB - 1) / MIB * MIB;
}

static bool put_once(struct s3_client *client, const struct s3_parts_request *object,
                     const struct spool *from, char **etag, struct error *err)
{
    struct spooled spooled = {
        .from = from,
        .part_size = choose_part_size(s3_client_service(client)->part_size, from->size),
    };
    struct s3_parts_request request = *object;
    bool ok;

    atomic_init(&spooled.next, 1);
    atomic_init(&spooled.failed, false);
    request.most = spooled.count =
        (size_t)((from->size + spooled.part_size - 1) / spooled.part_size);
    s3_parts_init(&spooled.parts, client, &request);
    ok = s3_parts_begin(&spooled.parts, err) && send_all_parts(&spooled, err) &&
         s3_parts_complete(&spooled.parts, spooled.count, etag, err);
    if (!ok)
        s3_parts_abort(&spooled.parts);
    s3_parts_release(&spooled.parts);
    return ok;
}

bool s3_multipart_put(struct s3_client *client, const struct s3_parts_request *object,
                      const struct spool *from, char **etag, struct error *err)
{
    bool ok = put_once(client, object, from, etag, err);

    for (unsigned more = UPLOADS - 1; !ok && more > 0 && s3_parts_are_lost(err); more--) {
        log_debug("sending all parts again: %s", err->text);
        ok = put_once(client, object, from, etag, err);
    }
    return ok;
}
