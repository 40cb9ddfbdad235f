/* SPDX-License-Identifier: MIT */

/*
 * The manifest.json of an S3 Inventory: which files list the objects, and what their columns are.
 * Source: "Amazon S3 Inventory" in the S3 user guide, "Inventory manifest".
 * Threads: immutable once parsed.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum inventory_column {
    INVENTORY_BUCKET,
    INVENTORY_KEY,
    INVENTORY_VERSION_ID,
    INVENTORY_IS_LATEST,
    INVENTORY_IS_DELETE_MARKER,
    INVENTORY_SIZE,
    INVENTORY_LAST_MODIFIED,
    INVENTORY_ETAG,
    INVENTORY_STORAGE_CLASS,
    INVENTORY_COLUMNS,
};

struct inventory_file {
    char *key;
    char *md5; /* hexadecimal */
};

struct inventory_manifest {
    char *source_bucket;
    char *bucket; /* where the files are */
    struct inventory_file *files;
    size_t file_count;
    int columns[INVENTORY_COLUMNS]; /* which field of a row; -1: none */
};

/* Fails with ERROR_OBJECT, Avmap.BadList; *manifest is to be released in any case. */
bool inventory_manifest_parse(const char *text, size_t size, struct inventory_manifest *manifest,
                              struct error *err);
void inventory_manifest_release(struct inventory_manifest *manifest);
