/* SPDX-License-Identifier: MIT */

/*
 * The result files of a run, as Step Functions' ResultWriter writes them: records are collected by
 * outcome in local spools while the run goes on, and stored at the end, manifest.json last. Where
 * a manifest is, the run is complete.
 * Threads: safe, except results_finish, which belongs after the workers.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "base/json.h"
#include "results/completion.h"
#include "results/earlier.h"
#include "results/journal.h"
#include "results/record.h"
#include "store/store.h"

struct results;

enum results_format {
    RESULTS_JSON,  /* files are arrays */
    RESULTS_JSONL, /* a record a line */
};

/* What the files of a redrive go on from; all borrowed. */
struct results_redrive {
    unsigned next;           /* generation that seems free, from 1 */
    const json_t *succeeded; /* the manifest's entries of all generations before */
    const char *map_run_arn;
};

struct results_settings {
    const struct location *place; /* borrowed, as run */
    const struct record_run *run;
    struct journal *journal;       /* NULL: none is kept */
    struct completion *completion; /* gets all records too; NULL: none */
    const char *folder;            /* below the run's own; "" for none, else it ends in "/" */
    enum results_format format;
    uint64_t max_file_size;                /* a new file is begun before one would pass it */
    const struct results_redrive *redrive; /* NULL: this is no redrive */
};

MUST_USE struct results *results_new(const struct results_settings *settings);

/*
 * Reads what an earlier attempt at this run has left in the journal. What is done is to be looked
 * at again: its records stand unless results_add gets another that says more than that nothing was
 * done. Before the first results_add.
 */
bool results_resume(struct results *results, struct earlier_keys *keys, struct error *err);

/* Records are copied. Fails with ERROR_LOCAL when there is no disk for them. */
bool results_add(struct results *results, const struct record *record, struct error *err);

/* After the last results_add, before results_finish: adds the earlier attempt's records that stand.
 */
bool results_take_over(struct results *results, struct error *err);

/*
 * In a redrive, before results_finish: takes the first free folder Redrive-<n>/, which is this
 * run's alone from then on, also where others redrive the same run. Gives n.
 */
bool results_claim(struct results *results, struct store *store, unsigned *generation,
                   struct error *err);

/*
 * Stores the files, then run_json under run.json, then the manifest, and ends the journal. store is
 * open on place. Fails without writing anything when results_add has failed for want of room.
 */
bool results_finish(struct results *results, struct store *store, const char *run_json,
                    struct error *err);

/* Where the manifest is or will be; of a redrive after results_claim; borrowed. */
const char *results_manifest_url(const struct results *results);

void results_free(struct results *results);
