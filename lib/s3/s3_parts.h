/* SPDX-License-Identifier: MIT */

/*
 * One upload in parts, request by request: begun, sent, then completed or aborted.
 * Threads: different parts may be sent at the same time, each by a sender of its own; all else is
 * confined.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "s3/http.h"
#include "s3/s3_client.h"
#include "s3/s3_request.h"

enum {
    S3_PARTS_MAX = 10000, /* S3 takes no more */
    S3_PARTS_CHECK_SIZE = 16,
};

#define S3_PARTS_SIZE_MAX (UINT64_C(5) << 30) /* of each */

/* All borrowed. */
struct s3_parts_request {
    const char *bucket;
    const char *key;
    const struct http_header *headers; /* the object's */
    size_t header_count;
    size_t most;   /* so many parts at most */
    bool only_new; /* S3.PreconditionFailed when something is there */
};

struct s3_parts {
    struct s3_client *client; /* borrowed */
    struct s3_parts_request request;
    char *upload_id;                     /* owned; NULL: not begun */
    char **etags;                        /* owned; NULL for parts not there yet */
    char (*checks)[S3_PARTS_CHECK_SIZE]; /* owned; what the server says of parts; "": nothing */
    size_t count;                        /* of parts in the whole; known at its end */
    bool may_be_twice;                   /* it may have been begun unseen before */
    int64_t begin_ms;                    /* of that, by the monotonic clock */
    uint64_t note;                       /* its number for who keeps notes; 0: nobody does */
    struct buffer query;
    struct http_response response;
};

/* Who sends a part after the other, on a connection of its own. */
struct s3_parts_sender {
    struct s3_client *client;
    bool owns_client;
    struct buffer query;
    struct http_response response;
};

void s3_parts_init(struct s3_parts *parts, struct s3_client *client,
                   const struct s3_parts_request *request);
void s3_parts_release(struct s3_parts *parts);

/* beside: with a client of its own, else with that of parts. */
void s3_parts_sender_open(struct s3_parts_sender *sender, struct s3_parts *parts, bool beside);
void s3_parts_sender_close(struct s3_parts_sender *sender);

bool s3_parts_begin(struct s3_parts *parts, struct error *err);

/* number counts from 1. */
bool s3_parts_send(struct s3_parts *parts, struct s3_parts_sender *sender, size_t number,
                   const struct http_body *body, struct error *err);

/* The parts 1 to count become the object. etag is given to the caller; NULL: nobody knows it. */
bool s3_parts_complete(struct s3_parts *parts, size_t count, char **etag, struct error *err);

/*
 * Whether sending or completing failed so that all of it again may work: somebody ended the
 * upload, or S3 did after a conflict with another writer.
 */
bool s3_parts_are_lost(const struct error *failure);

/* Parts that stay behind cost money and are seen by nobody. Never fails; nothing begun is fine. */
void s3_parts_abort(struct s3_parts *parts);
