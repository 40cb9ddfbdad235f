/* SPDX-License-Identifier: MIT */

/* Items from a listing of a prefix or folder. */

#include <stdlib.h>

#include "base/memory.h"
#include "items/item_source.h"
#include "store/store_listing.h"

struct listing_source {
    struct item_source source; /* first, so that either pointer is the other */
    struct store_listing *listing;
};

static bool next(struct item_source *source, struct item *item, bool *found, struct error *err)
{
    struct listing_source *self = (struct listing_source *)source;

    *item = (struct item){ 0 };
    return store_listing_next(self->listing, &item->object, found, err);
}

static void close_source(struct item_source *source)
{
    struct listing_source *self = (struct listing_source *)source;

    store_listing_close(self->listing);
    free(self);
}

struct item_source *items_from_listing(struct store *store, const struct location *skip)
{
    struct listing_source *self = memory_new(1, sizeof(*self));

    self->source = (struct item_source){ .next = next, .close = close_source };
    self->listing = store_listing_open(store, skip);
    store_listing_begin(self->listing);
    return &self->source;
}
