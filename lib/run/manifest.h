/* SPDX-License-Identifier: MIT */

/*
 * The manifest of a finished run, ours or Step Functions', with the run.json beside it. All that it
 * lists must lie in the run's own folder, <results>/<run-id>/, as both of them write it.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/cancel.h"
#include "base/error.h"
#include "base/json.h"
#include "base/uuid.h"
#include "items/item_source.h"
#include "store/store.h"

enum manifest_kind { MANIFEST_FAILED, MANIFEST_PENDING, MANIFEST_SUCCEEDED, MANIFEST_KINDS };

extern const char *const manifest_kind_names[MANIFEST_KINDS];

struct manifest_files {
    struct record_file *files; /* owned, keys too */
    size_t count;
};

struct manifest {
    struct location place; /* results, as --results would name it */
    char run_id[UUID_SIZE];
    char *url;           /* owned */
    char *map_run_arn;   /* owned; "" when it has none */
    unsigned generation; /* which redrive it is of; 0: the run itself */
    unsigned newest;     /* the last Redrive-<n>/ that is there; 0: none */
    bool is_shard;       /* it is one shard's, and merge was not asked yet */
    json_t *run;         /* owned; run.json; NULL: there is none */
    json_t *succeeded;   /* owned; the entries, with keys in place */
    struct manifest_files kinds[MANIFEST_KINDS];
};

/*
 * url is s3:// or a path: of manifest.json, or of its folder. Fails with ERROR_USAGE where it names
 * no run's manifest, with ERROR_OBJECT, Avmap.BadManifest, for what does not look like one, and as
 * s3 does. Release the manifest also after a failure.
 */
bool manifest_read(const char *url, struct s3_service *service, const struct cancel *cancel,
                   struct manifest *manifest, struct error *err);
void manifest_release(struct manifest *manifest);

/* Whether a folder's name, length bytes of it, is that of an attempt at a shard. */
bool manifest_is_shard_folder(const char *name, size_t length);
