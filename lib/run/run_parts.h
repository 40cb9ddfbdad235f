/* SPDX-License-Identifier: MIT */

/*
 * A run while it is under way, and the parts that set it up and end it.
 * Threads: confined to the main thread.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/contents.h"
#include "base/uuid.h"
#include "items/item_source.h"
#include "run/demands.h"
#include "run/existing.h"
#include "run/metrics.h"
#include "run/name_claims.h"
#include "run/plan.h"
#include "run/run.h"
#include "run/run_lists.h"
#include "run/run_order.h"
#include "run/upload_notes.h"

/* Of the grace time, in percent; what is left is for taking part uploads back and for going away.
 */
enum { RUN_ITEMS_SHARE = 55, RUN_RESULTS_SHARE = 35 };

struct run {
    const struct run_settings *settings;
    struct cancel *cancel;
    struct run_order order;
    struct s3_service *service; /* NULL when no S3 is in play */
    struct store *source;
    struct store *plan_place;    /* NULL without a plan */
    struct store *record_place;  /* NULL unless this is a redrive, as the next two */
    struct record_files records; /* what it goes on from */
    struct results_redrive generations;
    struct item_list list; /* empty without one */
    char *list_name;
    struct item_source *items;
    struct existing existing;
    struct demands demands;
    enum contents contents; /* of the destination, at first; results files are passed over */
    struct plan_settings plan_settings;
    struct plan *plan;
    struct name_claims *claims;
    struct record_run record_run;
    char id[UUID_SIZE];
    char folder[32];     /* of this shard's results */
    unsigned jobs_least; /* objects in flight */
    unsigned jobs_most;
    unsigned cpus;
    uint64_t memory;
    struct budget budget;
    struct gate *gate;
    struct progress *progress;
    struct metrics *metrics;
    struct journal *journal;     /* NULL: there is no place for one */
    struct earlier_keys earlier; /* all empty without a journal */
    struct results *results;
    struct run_lists lists;
    struct upload_notes *upload_notes; /* NULL without S3 */
    int64_t start_ms;
};

/* Opens source and destination, and looks whether results can be written. */
bool run_places_open(struct run *run, struct error *err);

/* Opens the source of items: a listing, a list, or what an earlier run left. */
bool run_places_open_items(struct run *run, struct error *err);

/* Closes what the last one opened, and the source. */
void run_places_close_items(struct run *run);

/*
 * Finds out whether an earlier attempt at the same run was cut off, and which id it had. Without a
 * place for a journal a run still works; it only cannot be gone on with.
 */
bool run_setup_open_journal(struct run *run, struct error *err);

/* What all items need, once places and id are known. */
void run_setup_prepare(struct run *run);

/* Begins to end the part uploads that killed runs left, and has those of this one noted. */
void run_setup_watch_uploads(struct run *run);

/* Takes over what an earlier attempt has done. */
bool run_setup_resume(struct run *run, struct error *err);

void run_setup_release(struct run *run);

/* Writes the result files; what prevents it ends up in summary. */
void run_end_finish(struct run *run, struct run_summary *summary);
