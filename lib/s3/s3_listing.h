/* SPDX-License-Identifier: MIT */

/*
 * The objects under a prefix, one at a time, a page of up to 1000 in memory (ListObjectsV2).
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>

#include "base/attributes.h"
#include "base/contents.h"
#include "base/object.h"
#include "s3/s3_client.h"

struct s3_listing;

/* bucket and prefix are copied. Nothing is asked of the server before the first next. */
MUST_USE struct s3_listing *s3_listing_open(struct s3_client *client, const char *bucket,
                                            const char *prefix);

/*
 * Asks for the first page now, on a thread and a connection of its own, while the caller prepares
 * for it. What comes of that the first next tells.
 */
void s3_listing_begin(struct s3_listing *listing);

/* Fills *object (the caller releases it) and *found; *found is false at the end. */
bool s3_listing_next(struct s3_listing *listing, struct object *object, bool *found,
                     struct error *err);

/*
 * What keys begin with prefix; those that also begin with skip (a longer prefix, or NULL) are
 * passed over. One or two small requests.
 */
bool s3_listing_look(struct s3_client *client, const char *bucket, const char *prefix,
                     const char *skip, enum contents *contents, struct error *err);
void s3_listing_close(struct s3_listing *listing);
