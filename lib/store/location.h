/* SPDX-License-Identifier: MIT */

/*
 * Where objects live or go: s3://bucket/prefix or a folder, as typed by the user.
 * Threads: immutable after location_parse.
 */

#pragma once

#include <stdbool.h>

#include "base/attributes.h"
#include "base/error.h"
#include "base/object.h"

enum location_kind { LOCATION_DIRECTORY, LOCATION_S3 };

struct location {
    enum location_kind kind;
    char *container; /* owned; the bucket, or the folder's absolute path, links resolved */
    char *prefix;    /* owned; keys begin with it; always "" for a folder */
};

/* Reads "s3://b/p", "file:///d" or a path. Other schemes are refused. Fails with ERROR_USAGE. */
bool location_parse(const char *text, struct location *location, struct error *err);

/*
 * Reads the URL or path of one object: location is its bucket or folder, and *key, for the caller
 * to free, its key there. Fails with ERROR_USAGE, also when it names none.
 */
bool location_parse_object(const char *text, struct location *location, char **key,
                           struct error *err);

/* Whether text is to be read as s3://bucket/key. */
bool location_is_s3(const char *text);

/* For DESTINATION and results: what is named is a folder, so a prefix gets its "/" when it has
 * none. */
void location_make_folder(struct location *location);

/*
 * Cuts a location that names one object or file down to the bucket or folder that it is in, and
 * gives its key there for free(): "" when it names none.
 */
MUST_USE char *location_take_key(struct location *location);

/* The location "name" below a folder-like one. */
void location_below(const struct location *folder, const char *name, struct location *below);

/* Whether everything in inner would also be listed under outer. */
bool location_contains(const struct location *outer, const struct location *inner);

/*
 * Whether something can be stored under key there; asked before the work is done. Fails:
 * ERROR_OBJECT, Avmap.BadFileName.
 */
bool location_check_key(const struct location *location, const char *key, struct error *err);

/* "s3://bucket/key" or "/folder/key", for people and records. */
MUST_USE char *location_url(const struct location *location, const char *key);

/* The same for an object, which may name a bucket of its own. */
MUST_USE char *location_object_url(const struct location *location, const struct object *object);

void location_release(struct location *location);
