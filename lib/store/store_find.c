/* SPDX-License-Identifier: MIT */

/* Looks for many objects at once. */

#include "store/store_find.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "s3/s3_listing.h"
#include "store/store_parts.h"

static int by_bytes(const void *one, const void *other)
{
    return strcmp(*(char *const *)one, *(char *const *)other);
}

/*
 * What all keys begin with; they are in order, so the first and the last tell. Servers repeat it in
 * XML, which has no control characters, so it ends before one.
 */
static char *common_prefix(char *const *keys, size_t count)
{
    const char *first = keys[0];
    const char *last = keys[count - 1];
    size_t length = 0;

    while ((unsigned char)first[length] >= ' ' && first[length] == last[length])
        length++;
    /* A prefix that ends within a character is no text. */
    while (length > 0 && ((unsigned char)first[length] & 0xC0) == 0x80)
        length--;
    return memory_format("%.*s", (int)length, first);
}

static bool find_in_listing(struct s3_listing *listing, char *const *keys, size_t count,
                            struct store_found *found, struct error *err)
{
    size_t next = 0; /* of the keys */
    bool ok = true;

    while (ok && next < count) {
        struct object object;
        bool some = false;

        ok = s3_listing_next(listing, &object, &some, err);
        if (!ok || !some)
            break;
        while (next < count && strcmp(keys[next], object.key) < 0)
            next++;
        if (next < count && strcmp(keys[next], object.key) == 0) {
            found->count++;
            found->bytes += object.size;
            next++;
        }
        object_release(&object);
    }
    return ok;
}

static bool find_in_folder(struct store *store, char *const *keys, size_t count,
                           struct store_found *found, struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        struct store_info info = { 0 };
        bool is_there = false;

        if (!store_stat(store, keys[i], &info, &is_there, err))
            return false;
        found->count += is_there;
        found->bytes += info.size;
        store_info_release(&info);
    }
    return true;
}

bool store_find(struct store *store, char **keys, size_t count, struct store_found *found,
                struct error *err)
{
    struct s3_listing *listing;
    char *prefix;
    bool ok;

    *found = (struct store_found){ 0 };
    if (count == 0)
        return true;
    qsort(keys, count, sizeof(*keys), by_bytes);
    if (!store->client)
        return find_in_folder(store, keys, count, found, err);
    prefix = common_prefix(keys, count);
    listing = s3_listing_open(store->client, store->location->container, prefix);
    ok = find_in_listing(listing, keys, count, found, err);
    s3_listing_close(listing);
    free(prefix);
    return ok;
}
