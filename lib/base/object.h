/* SPDX-License-Identifier: MIT */

/*
 * What a listing, or a list, says of one object; the words are those of S3's ListObjectsV2.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

struct object {
    char *key;           /* owned; relative to the bucket, or to the root folder */
    char *bucket;        /* owned; NULL: the one that was listed, or a folder */
    char *version_id;    /* owned; NULL: the current version */
    char *etag;          /* owned; with its quotes, NULL when not known */
    char *storage_class; /* owned; NULL when not known */
    uint64_t size;       /* bytes */
    int64_t modified_ms; /* milliseconds since 1970-01-01 UTC */
    bool size_unknown;   /* nothing said size and modified_ms; they are 0 */
    bool needs_look_up;  /* the list it is from does not say which version it means */
};

/* Leaves an empty object; an empty one is fine. */
void object_release(struct object *object);
