/* SPDX-License-Identifier: MIT */

/* Remembers the buckets of other regions. */

#include "s3/s3_regions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct s3_bucket_region {
    char *bucket; /* owned */
    char region[S3_REGION_SIZE];
};

void s3_regions_init(struct s3_regions *regions)
{
    *regions = (struct s3_regions){ 0 };
    pthread_mutex_init(&regions->lock, NULL);
}

void s3_regions_release(struct s3_regions *regions)
{
    for (size_t i = 0; i < regions->count; i++)
        free(regions->buckets[i].bucket);
    free(regions->buckets);
    pthread_mutex_destroy(&regions->lock);
}

/* Linear, as a run talks to a handful of buckets. */
static struct s3_bucket_region *find_locked(struct s3_regions *regions, const char *bucket)
{
    for (size_t i = 0; i < regions->count; i++) {
        if (strcmp(regions->buckets[i].bucket, bucket) == 0)
            return &regions->buckets[i];
    }
    return NULL;
}

void s3_regions_look_up(struct s3_regions *regions, const char *bucket, char region[S3_REGION_SIZE])
{
    const struct s3_bucket_region *found;

    pthread_mutex_lock(&regions->lock);
    found = find_locked(regions, bucket);
    if (found)
        memcpy(region, found->region, S3_REGION_SIZE);
    pthread_mutex_unlock(&regions->lock);
}

void s3_regions_set(struct s3_regions *regions, const char *bucket, const char *region)
{
    struct s3_bucket_region *found;

    pthread_mutex_lock(&regions->lock);
    found = find_locked(regions, bucket);
    if (!found) {
        regions->buckets =
            memory_grow(regions->buckets, regions->count + 1, sizeof(*regions->buckets));
        found = &regions->buckets[regions->count++];
        found->bucket = memory_copy_text(bucket);
    }
    snprintf(found->region, sizeof(found->region), "%s", region);
    pthread_mutex_unlock(&regions->lock);
}
