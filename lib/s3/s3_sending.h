/* SPDX-License-Identifier: MIT */

/*
 * The few parts of an upload that are there at a time: filled one after the other by the thread
 * that makes the object, and sent by others in the background.
 * Threads: confined to who fills them; it has threads of its own while it lasts.
 */

#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/budget.h"
#include "base/error.h"
#include "base/spool.h"
#include "s3/s3_parts.h"
#include "s3/s3_upload.h"

enum {
    S3_SENDING_THREADS = 3,                    /* with a connection each; send a part at a time */
    S3_SENDING_PARTS = S3_SENDING_THREADS + 2, /* one is filled meanwhile, one was just before */
};

/* Who took it owns its fields until it is submitted. */
struct s3_sending_part {
    struct spool bytes;
    uint64_t offset; /* in the object */
    uint64_t full;   /* the size that it shall have */
    size_t number;   /* from 1 */

    enum { S3_SENDING_FREE, S3_SENDING_FILLING, S3_SENDING_FULL, S3_SENDING_ON_ITS_WAY } state;
};

struct s3_sending {
    struct s3_parts *parts;                  /* borrowed */
    const struct s3_upload_request *request; /* borrowed */
    uint64_t part_size;                      /* bytes */
    pthread_t threads[S3_SENDING_THREADS];
    size_t thread_count;
    pthread_mutex_t lock;
    pthread_cond_t changed;

    /* Guarded by lock. */
    struct s3_sending_part list[S3_SENDING_PARTS]; /* of each, the state */
    size_t part_count;                             /* for which the budget had room */
    bool begun;
    bool closing;
    bool failed;
    struct error failure; /* the first one */
};

/* False: the budget has no room for enough parts of part_size. Nothing is to be closed then. */
bool s3_sending_open(struct s3_sending *sending, struct s3_parts *parts,
                     const struct s3_upload_request *request, struct budget *budget,
                     uint64_t part_size);

/*
 * Waits for a free part, which is empty and shall have size bytes. When the budget has no room for
 * more than its part_size it shall have fewer, if it is to stay in memory, else it is in a file.
 * NULL: one that was sent has failed, or there is no disk, as *err says.
 */
struct s3_sending_part *s3_sending_take(struct s3_sending *sending, uint64_t size, bool in_memory,
                                        struct error *err);

/* Whether s3_sending_take would wait now; and that wait alone. */
bool s3_sending_is_busy(struct s3_sending *sending);
void s3_sending_wait(struct s3_sending *sending);

/* Hands *part over to be sent, and forgets it; NULL is none. The first one begins the upload. */
bool s3_sending_submit(struct s3_sending *sending, struct s3_sending_part **part,
                       struct error *err);

/* Waits until the upload is begun; false: something has failed. */
bool s3_sending_wait_for_begin(struct s3_sending *sending);

/* Waits until all that was submitted is sent. Fails as the first part did that failed. */
bool s3_sending_finish(struct s3_sending *sending, struct error *err);

/* What was not sent yet need not be. */
void s3_sending_close(struct s3_sending *sending);
