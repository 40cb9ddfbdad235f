/* SPDX-License-Identifier: MIT */

/*
 * One part of a large object on its way into memory, where others may look at what has arrived
 * while the rest still comes.
 * Threads: confined, but for what its arrived does.
 */

#pragma once

#include <stdint.h>

#include "base/object.h"
#include "s3/http.h"
#include "s3/s3_client.h"

struct s3_range {
    struct http_taker taker;     /* first: where http puts the bytes */
    const struct object *object; /* with its size, and an ETag or a version */
    uint64_t first;              /* in the object */
    uint64_t size;               /* more than none, within the object */
    uint64_t received;           /* of size, from its beginning */
    char *to;                    /* borrowed; room for size bytes; NULL: nobody keeps them */
    bool is_kms;                 /* out: the ETag is no MD5 */
    bool is_refused;             /* out: the server answers with the whole object */

    /* count more bytes are there, and in their place behind those received; adds to received. */
    void (*arrived)(struct s3_range *range, const char *bytes, size_t count);
};

/*
 * Fetches what is missing, going on at the last byte received when the connection breaks, from the
 * one version of the object that its ETag or version names. ERROR_OBJECT: the object is another
 * one by now, or the server knows no ranges.
 */
bool s3_range_fetch(struct s3_range *range, struct s3_client *client, const char *bucket,
                    struct error *err);
