/* SPDX-License-Identifier: MIT */

/*
 * Turns items into jobs: picks those that are wanted and names their results, so that no two jobs
 * write to the same place.
 * Threads: confined to the thread that lists; what plan_… settings point to is immutable.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "items/item.h"
#include "items/selection.h"
#include "items/shard.h"
#include "run/naming.h"
#include "store/location.h"

/* One item on its way to a result. */
struct job {
    struct item item;
    char *key;         /* owned; of the result; NULL when no name could be made */
    unsigned attempts; /* begun so far */
    int64_t start_ms;  /* wall milliseconds of the first attempt; 0 before */
    bool done;         /* by an earlier attempt at this run, unless that has changed since */
    bool suspect;      /* was at work when an earlier attempt crashed */
    bool collects;     /* its result cannot go on while it is made */
};

struct plan_settings {
    const struct location *source;
    const struct location *destination;
    const struct selection *selection;
    struct shard shard;
    struct naming naming;
    bool keys_repeat; /* a list may name a key twice, in other buckets too */
    bool keeps_index; /* items say their numbers themselves, from where all items were counted */
};

struct plan;

/* settings is borrowed. */
MUST_USE struct plan *plan_new(const struct plan_settings *settings);
void plan_free(struct plan *plan);

/* An item of another shard has its number too, so that {index} is the same in all. */
enum selection_verdict plan_judge(struct plan *plan, const struct item *item);

/*
 * Numbers the item, where it does not keep its number, and names its result. Fails with
 * ERROR_OBJECT for this item only (Avmap.NameCollision, Avmap.BadFileName, Avmap.BadItem), or
 * ERROR_LOCAL.
 */
bool plan_job(struct plan *plan, struct job *job, struct error *err);

void job_free(struct job *job);
