/* SPDX-License-Identifier: MIT */

/*
 * One entry of an item list: an object as the lists of Step Functions, S3 and avmap's own plans and
 * records write it, or a string.
 * Source: "ItemReader (Map)" in the Step Functions user guide, ListObjectsV2 in the S3 API.
 * Threads: safe.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "items/item.h"

/* Why an entry is no item. */
struct item_problem {
    char text[256];
};

/*
 * Reads JSON text: an object with Key and perhaps Bucket, VersionId, Size, Etag, LastModified,
 * StorageClass, Index; or a string, a key or s3://bucket/key. Fills *item, which the caller
 * releases.
 */
bool item_entry_read(const char *text, size_t size, struct item *item,
                     struct item_problem *problem);

/* Whether bucket can be one, and key not empty; lists come from anywhere. */
bool item_entry_check(const char *bucket, const char *key, struct item_problem *problem);
