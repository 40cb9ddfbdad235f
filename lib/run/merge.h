/* SPDX-License-Identifier: MIT */

/*
 * Joins what the shards of a run wrote into the one manifest of the whole run. The result files
 * stay where they are; the manifest lists them all.
 * Threads: once per process, from the main thread.
 */

#pragma once

#include <stddef.h>

#include "base/cancel.h"
#include "base/error.h"
#include "store/store.h"

struct merge_settings {
    char *const *results; /* the run's folders, such as s3://out/_avmap/<run-id>/ */
    size_t results_count;
    struct s3_settings s3;
};

struct merge_summary {
    unsigned expected; /* shards that the run has; 0: none was found to say it */
    unsigned found;
    char *missing;      /* owned; "3, 7", NULL when none is missing; no manifest was written then */
    char *manifest_url; /* owned; NULL when shards are missing */
    bool lacks_items;   /* a shard was stopped before it had listed all of its own */
};

/* Fails with ERROR_USAGE when what is named is no run's folder, or shards are of different runs. */
bool merge(const struct merge_settings *settings, const struct cancel *cancel,
           struct merge_summary *summary, struct error *err);

void merge_summary_release(struct merge_summary *summary);
