/* SPDX-License-Identifier: MIT */

/* Finds part uploads, and ends them. */

#include "store/store_uploads.h"

#include <stdlib.h>

#include "base/memory.h"
#include "s3/s3_unfinished.h"
#include "store/store_parts.h"

struct store_uploads {
    struct store *store;
    int64_t earliest_ms;
    int64_t latest_ms;
    struct s3_xml_uploads found;
};

static bool is_in_time(const struct store_uploads *uploads, const struct s3_xml_upload *upload)
{
    return upload->initiated_ms >= uploads->earliest_ms &&
           upload->initiated_ms <= uploads->latest_ms;
}

struct store_uploads *store_uploads_find(struct store *store, const char *key, int64_t earliest_ms,
                                         int64_t latest_ms, struct error *err)
{
    struct store_uploads *uploads = memory_new(1, sizeof(*uploads));

    uploads->store = store;
    uploads->earliest_ms = earliest_ms;
    uploads->latest_ms = latest_ms;
    if (s3_unfinished_find(store->client, store->location->container, key, &uploads->found, err))
        return uploads;
    free(uploads);
    return NULL;
}

size_t store_uploads_count(const struct store_uploads *uploads)
{
    size_t count = 0;

    for (size_t i = 0; i < uploads->found.count; i++)
        count += is_in_time(uploads, &uploads->found.uploads[i]);
    return count;
}

bool store_uploads_end(const struct store_uploads *uploads, struct error *err)
{
    for (size_t i = 0; i < uploads->found.count; i++) {
        const struct s3_xml_upload *upload = &uploads->found.uploads[i];

        if (is_in_time(uploads, upload) &&
            !store_upload_end(uploads->store, upload->key, upload->id, err))
            return false;
    }
    return true;
}

void store_uploads_free(struct store_uploads *uploads)
{
    if (!uploads)
        return;
    s3_xml_uploads_release(&uploads->found);
    free(uploads);
}

bool store_upload_end(struct store *store, const char *key, const char *upload_id,
                      struct error *err)
{
    return s3_unfinished_end(store->client, store->location->container, key, upload_id, err);
}
