/* SPDX-License-Identifier: MIT */

/*
 * One door to where objects live: list (store_listing.h), fetch into a spool, put from a spool.
 * Nothing above it asks whether that is S3 or a folder. Keys are whole keys, prefix included.
 * Threads: confined; each worker opens its own.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/cancel.h"
#include "base/error.h"
#include "base/object.h"
#include "base/spool.h"
#include "s3/s3_service.h"
#include "store/location.h"

struct store;

/* What is known of an object without reading it; all owned. */
struct store_info {
    uint64_t size;
    int64_t modified_ms;
    char *etag;        /* with its quotes; NULL: the store has none */
    char *source_etag; /* what was noted when avmap wrote it, as recipe; NULL: nothing */
    char *recipe;
    char *files;
    bool notes_impossible; /* its file system cannot keep any */
};

/* How to write an object; all borrowed. All zero: as bytes of no known type, replacing any. */
struct store_put_request {
    const char *content_type; /* NULL: not said */
    const char *source_etag;  /* noted beside the object; NULL: not noted */
    const char *recipe;       /* noted beside the object; NULL: not noted */
    const char *files;        /* noted beside the object; NULL: not noted */
    bool is_record; /* one of avmap's own files: storage class, tags etc. are not for it */
    bool only_new;  /* what is there already stays: Avmap.AlreadyExists */
};

/*
 * location is borrowed; service too, and may be NULL for folders; cancel too: it ends waits, and
 * may be NULL. With create a missing folder is made. Fails with ERROR_LOCAL when the folder cannot
 * be opened.
 */
MUST_USE struct store *store_open(const struct location *location, struct s3_service *service,
                                  const struct cancel *cancel, bool create, struct error *err);
void store_close(struct store *store);

/* Whether the bucket or folder can be worked with, asked once before the run. */
bool store_check(struct store *store, bool writing, struct error *err);

/*
 * Looks up what a list does not say of an object: size, time, ETag. One that changed between this
 * and its fetch is an error then. Fails with ERROR_NOT_FOUND when there is no such object.
 */
bool store_look_up(struct store *store, struct object *object, struct error *err);

/*
 * The object as it was listed, into an empty spool; one that changed since is an error. An object
 * with a bucket of its own is fetched from there, wherever the store is.
 */
bool store_fetch(struct store *store, const struct object *object, struct spool *to,
                 struct error *err);

/* What is known of key; *found is false, and *info untouched, when there is no such object. */
bool store_stat(struct store *store, const char *key, struct store_info *info, bool *found,
                struct error *err);
void store_info_release(struct store_info *info);

/*
 * Writes under key, which appears complete or not at all. etag is given to the caller, NULL where
 * the store has none; may be NULL.
 */
bool store_put(struct store *store, const char *key, const struct spool *from,
               const struct store_put_request *request, char **etag, struct error *err);

/* Takes away what is under key, if anything is; also when the run is abandoned. */
bool store_remove(struct store *store, const char *key, struct error *err);
