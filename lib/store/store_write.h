/* SPDX-License-Identifier: MIT */

/*
 * An object that is put while it is made. A small one is collected in a spool and put at the end. A
 * large one goes to S3 in parts as it grows, when its writer keeps to the order, and in a folder
 * into the file that will have its name.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/reader.h"
#include "base/spool.h"
#include "base/writer.h"
#include "directory/directory_write.h"
#include "s3/s3_stream.h"
#include "store/store.h"

struct store_write {
    struct writer writer; /* what writes the object writes here */
    struct store *store;  /* borrowed, as what follows */
    const char *key;
    const struct store_put_request *request;
    struct spool *spool;
    struct s3_upload_request s3_request;
    struct s3_stream *stream;    /* owned; NULL: nothing goes up yet */
    struct directory_write file; /* owned; open when the spool has moved there */
    uint64_t collected_max;      /* a write beyond this is looked at */
    int64_t spent_ms;            /* on the way to the store */
    bool failed;                 /* it was the store that refused a write */
    bool written_twice;          /* because it was not in order after all; collects would help */
    /* Set after the open, or left as they are. */
    bool collects;             /* nothing goes to S3 before the end */
    struct reader_waits waits; /* told of waits for parts on their way, as readers tell theirs */
};

/* spool is empty; all is borrowed until the close. */
void store_write_open(struct store_write *write, struct store *store, const char *key,
                      const struct store_put_request *request, struct spool *spool);

/* The object appears, as with store_put. */
bool store_write_finish(struct store_write *write, char **etag, struct error *err);

/* What was not finished is taken back. Any number of times; all zero is fine. */
void store_write_close(struct store_write *write);
