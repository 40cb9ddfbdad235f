/* SPDX-License-Identifier: MIT */

/*
 * What is known of one object without reading it (HeadObject).
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/object.h"
#include "s3/s3_client.h"

/* All strings are owned. */
struct s3_object_info {
    uint64_t size;
    int64_t modified_ms; /* 0: not said */
    char *etag;          /* with its quotes; NULL: none */
    char *source_etag;   /* x-amz-meta-avmap-source-etag; NULL: none */
    char *recipe;        /* x-amz-meta-avmap-recipe; NULL: none */
    char *files;         /* x-amz-meta-avmap-files; NULL: none */
};

/* *found is false, and *info untouched, when there is no such object. */
bool s3_stat(struct s3_client *client, const char *bucket, const char *key,
             struct s3_object_info *info, bool *found, struct error *err);

/* The same for the version that the object names. */
bool s3_stat_version(struct s3_client *client, const char *bucket, const struct object *object,
                     struct s3_object_info *info, bool *found, struct error *err);
void s3_object_info_release(struct s3_object_info *info);
