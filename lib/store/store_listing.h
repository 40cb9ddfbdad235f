/* SPDX-License-Identifier: MIT */

/*
 * What lies in a store.
 * Threads: confined, with the store.
 */

#pragma once

#include <stdbool.h>

#include "base/attributes.h"
#include "base/contents.h"
#include "base/error.h"
#include "base/object.h"
#include "store/store.h"

struct store_listing;

/* Everything under the location's prefix; skip is a location below it to be left out, or NULL. */
MUST_USE struct store_listing *store_listing_open(struct store *store, const struct location *skip);

/* Asks S3 for the first of it while the caller prepares; what comes of that next tells. */
void store_listing_begin(struct store_listing *listing);

/* Fills *object (the caller releases it) and *found; *found is false at the end. */
bool store_listing_next(struct store_listing *listing, struct object *object, bool *found,
                        struct error *err);
void store_listing_close(struct store_listing *listing);

/*
 * What lies under the location's prefix; what is under skip (or NULL) is passed over, in a folder
 * without a look.
 */
bool store_listing_look(struct store *store, const struct location *skip, enum contents *contents,
                        struct error *err);
