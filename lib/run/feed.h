/* SPDX-License-Identifier: MIT */

/*
 * Reads the items of a run, picks and plans them, and hands them on: to the workers, or in a dry
 * run to its summary.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/cancel.h"
#include "base/error.h"
#include "base/name_set.h"
#include "items/item_source.h"
#include "run/dry_run.h"
#include "run/job_record.h"
#include "run/plan.h"
#include "run/workers.h"

/* All borrowed. */
struct feed {
    struct item_source *source;
    const char *source_url;
    bool skips_unreadable; /* a folder below the source that cannot be read costs only itself */
    struct plan *plan;
    struct job_books books;
    const struct earlier_keys *earlier; /* of an earlier attempt at this run; NULL: there is none */
    uint64_t max_items;                 /* 0: all */
    const struct cancel *cancel;
    bool is_silent; /* somebody else logs what is passed over */
};

/* Jobs that are to be done one at a time when the others have ended. */
struct feed_aside {
    struct job **jobs; /* owned, as the jobs */
    size_t count;
};

/*
 * Until the items end; aside gets what was at work when an earlier attempt crashed. After a stop,
 * reading goes on as long as there is time, so that PENDING is complete. False: err says what else
 * ended it.
 */
bool feed_workers(const struct feed *feed, struct workers *workers, struct feed_aside *aside,
                  struct error *err);

/* Gives what was set aside to the workers, one of which should do it all. */
void feed_workers_aside(struct feed_aside *aside, struct workers *workers);

/* Records what was set aside as pending. */
void feed_give_up_aside(const struct feed *feed, struct feed_aside *aside);

/* Only counts them, into its progress. */
bool feed_count(const struct feed *feed, struct error *err);

/* The same without any work. */
bool feed_dry_run(const struct feed *feed, const struct run_order *order, struct dry_run *dry_run,
                  struct error *err);
