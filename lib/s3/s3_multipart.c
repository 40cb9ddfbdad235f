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
struct sender {
    struct spooled *spooled; /* borrowed */
    bool beside;             /* over a connection of its own */
    bool ok;
    struct error err;
};

static bool send_part(struct spooled *spooled, struct s3_parts_sender *sender, size_t number,
                      struct error *err)
{
    uint64_t offset = (number - 1) * spooled->part_size;
    uint64_t left = spooled->from->size - offset;
    const struct http_body body = {
        .spool = spooled->from,
        .offset = offset,
        .size = left < spooled->part_size ? left : spooled->part_size,
    };

    return s3_parts_send(&spooled->parts, sender, number, &body, err);
}

/* Sends parts that nobody else sends until there are none, or one has failed. */
static void *send_parts(void *arg)
{
    struct sender *sender = arg;
    struct spooled *spooled = sender->spooled;
    struct s3_parts_sender by;

    s3_parts_sender_open(&by, &spooled->parts, sender->beside);
    sender->ok = true;
    while (sender->ok && !atomic_load(&spooled->failed)) {
        size_t number = atomic_fetch_add(&spooled->next, 1);

        if (number > spooled->count)
            break;
        sender->ok = send_part(spooled, &by, number, &sender->err);
    }
    if (!sender->ok)
        atomic_store(&spooled->failed, true);
    s3_parts_sender_close(&by);
    return NULL;
}

/* One connection rarely fills the line; a few do. This thread sends too. */
static bool send_all_parts(struct spooled *spooled, struct error *err)
{
    bool is_worth_it = spooled->part_size >= PARALLEL_PART_SIZE;
    struct sender senders[SENDERS];
    pthread_t threads[SENDERS];
    size_t count = 1;
    bool ok = true;

    for (size_t i = 0; i < SENDERS; i++)
        senders[i] = (struct sender){ .spooled = spooled, .beside = i > 0 };
    while (is_worth_it && count < SENDERS && count < spooled->count &&
           pthread_create(&threads[count], NULL, send_parts, &senders[count]) == 0)
        count++; /* fewer will do */
    send_parts(&senders[0]);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            pthread_join(threads[i], NULL);
        if (ok && !senders[i].ok)
            *err = senders[i].err;
        ok = ok && senders[i].ok;
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
