/* SPDX-License-Identifier: MIT */

/*
 * A plan for many machines: the items of a source, listed once and shared out so that shards carry
 * about equal bytes. A plan is a folder with plan.json, written last, and shard-00000.jsonl and so
 * on with an item a line (item_json). One that is made over an earlier one replaces it.
 * Threads: once per process, from the main thread.
 */

#pragma once

#include <stdint.h>

#include "base/cancel.h"
#include "base/error.h"
#include "items/selection.h"
#include "store/store.h"

enum { SHARD_PLAN_MAX = 10000 }; /* shards of one plan */

struct shard_plan_settings {
    const char *source;
    const char *plan; /* where it goes */
    unsigned shards;  /* at least 1 */
    struct selection selection;
    uint64_t max_items; /* 0: all */
    struct s3_settings s3;
};

struct shard_plan_summary {
    uint64_t items;
    uint64_t bytes;
    uint64_t largest_bytes; /* of one shard */
    uint64_t skipped;       /* folder markers and empty objects */
    char *url;              /* owned; of plan.json */
};

bool shard_plan(const struct shard_plan_settings *settings, const struct cancel *cancel,
                struct shard_plan_summary *summary, struct error *err);

void shard_plan_summary_release(struct shard_plan_summary *summary);
