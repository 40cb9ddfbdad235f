/* SPDX-License-Identifier: MIT */

/*
 * Which buckets the server has said to be in a region that is not ours.
 * Threads: safe.
 */

#pragma once

#include <pthread.h>
#include <stddef.h>

enum { S3_REGION_SIZE = 64 };

struct s3_bucket_region;

struct s3_regions {
    pthread_mutex_t lock;

    /* Guarded by lock. */
    struct s3_bucket_region *buckets; /* owned */
    size_t count;
};

void s3_regions_init(struct s3_regions *regions);
void s3_regions_release(struct s3_regions *regions);

/* Puts the bucket's region into region, which stays as it is where nothing is known. */
void s3_regions_look_up(struct s3_regions *regions, const char *bucket,
                        char region[S3_REGION_SIZE]);

/* The bucket is in region, which must pass endpoint_is_region. */
void s3_regions_set(struct s3_regions *regions, const char *bucket, const char *region);
