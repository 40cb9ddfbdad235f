/* SPDX-License-Identifier: MIT */

/* Lists S3 or a folder. */

#include "store/store_listing.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "directory/directory_listing.h"
#include "s3/s3_listing.h"
#include "store/store_parts.h"

/* What is skipped in S3 is a prefix of keys, in a folder the one folder below the root. */
struct store_listing {
    struct s3_listing *s3;
    struct directory_listing *directory;
    char *skip_prefix; /* owned; NULL for none; S3 only */
};

/* What of skip lies inside the location, or NULL. */
static const struct location *skip_inside(const struct store *store, const struct location *skip)
{
    const struct location *location = store->location;

    if (skip && location_contains(location, skip) && !location_contains(skip, location))
        return skip;
    return NULL;
}

struct store_listing *store_listing_open(struct store *store, const struct location *skip)
{
    const struct location *location = store->location;
    struct store_listing *listing = memory_new(1, sizeof(*listing));

    skip = skip_inside(store, skip);
    if (store->client) {
        listing->s3 = s3_listing_open(store->client, location->container, location->prefix);
        listing->skip_prefix = skip ? memory_copy_text(skip->prefix) : NULL;
    } else {
        const char *below = skip ? skip->container + strlen(location->container) : NULL;

        listing->directory =
            directory_listing_open(store->root, below ? below + strspn(below, "/") : NULL);
    }
    return listing;
}

void store_listing_begin(struct store_listing *listing)
{
    if (listing->s3)
        s3_listing_begin(listing->s3);
}

static bool is_skipped(const struct store_listing *listing, const char *key)
{
    return listing->skip_prefix &&
           strncmp(key, listing->skip_prefix, strlen(listing->skip_prefix)) == 0;
}

bool store_listing_next(struct store_listing *listing, struct object *object, bool *found,
                        struct error *err)
{
    if (listing->directory)
        return directory_listing_next(listing->directory, object, found, err);
    for (;;) {
        if (!s3_listing_next(listing->s3, object, found, err))
            return false;
        if (!*found || !is_skipped(listing, object->key))
            return true;
        object_release(object);
    }
}

void store_listing_close(struct store_listing *listing)
{
    if (!listing)
        return;
    if (listing->s3)
        s3_listing_close(listing->s3);
    directory_listing_close(listing->directory);
    free(listing->skip_prefix);
    free(listing);
}

bool store_listing_look(struct store *store, const struct location *skip, enum contents *contents,
                        struct error *err)
{
    const struct location *location = store->location;
    struct store_listing *listing;
    struct object object;
    bool found = false;
    bool ok;

    skip = skip_inside(store, skip);
    if (store->client)
        return s3_listing_look(store->client, location->container, location->prefix,
                               skip ? skip->prefix : NULL, contents, err);
    listing = store_listing_open(store, skip);
    ok = store_listing_next(listing, &object, &found, err);
    if (ok && found)
        object_release(&object);
    store_listing_close(listing);
    *contents = found ? CONTENTS_SOME : skip ? CONTENTS_PASSED_OVER : CONTENTS_NONE;
    return ok;
}
