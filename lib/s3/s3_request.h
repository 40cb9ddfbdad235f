/* SPDX-License-Identifier: MIT */

/*
 * One operation on S3 as lib/s3 asks for it, before it is addressed and signed.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "s3/http.h"

struct s3_range;

/* Of the body of an error, and of any answer but lists and objects. */
enum { S3_ANSWER_LIMIT = 64 * 1024 };

struct s3_request {
    const char *operation; /* S3's name for it, for messages: "GetObject" */
    const char *method;
    const char *bucket;
    const char *key;                   /* NULL: the bucket itself */
    const char *query;                 /* encoded and sorted; NULL: none */
    const struct http_header *headers; /* the operation's own; lower-case names */
    size_t header_count;
    struct http_body body;
    bool only_new;          /* refused with 412 when something has the key */
    bool wants_check;       /* the body goes with a checksum */
    bool announces_check;   /* the parts to come will have checksums */
    struct spool *to;       /* where the object goes; NULL: into the response's buffer */
    uint64_t to_limit;      /* with to: no longer than this; UINT64_MAX: not known */
    struct s3_range *range; /* instead of to: a part of the object */
    const char *etag; /* of these two: the version to read; NULL: what the first response has */
    bool *unsure;     /* set when an attempt may have had its effect unseen; may be NULL */
    long clean_up_ms; /* not 0: sent even when abandoned, and given up after this long */
};
