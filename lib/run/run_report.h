/* SPDX-License-Identifier: MIT */

/*
 * run.json: what a run was asked to do, on what machine, and what came of it.
 * Threads: confined.
 */

#pragma once

#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "items/shard.h"
#include "media/recipe.h"
#include "run/naming.h"
#include "run/progress.h"
#include "run/run_settings.h"

enum run_end {
    RUN_FINISHED,    /* every item was tried */
    RUN_CANNOT_WORK, /* an error that no other item would escape */
    RUN_TOLERANCE_EXCEEDED,
    RUN_INTERRUPTED, /* a signal */
};

struct run_report {
    const struct run_settings *settings;
    const char *run_id;
    const char *name;    /* of a job file; NULL: none */
    const char *compute; /* of a job file; NULL: none */
    const char *source;  /* URLs */
    const char *destination;
    enum items_format items;
    unsigned generation; /* of a redrive; 0: this is none */
    const struct naming *naming;
    struct shard shard;
    const struct recipe_words *recipe; /* ffmpeg's options */
    unsigned cpus;
    uint64_t memory;
    struct progress_counts counts;
    enum run_end end;
    const struct error *error; /* what ended the run; NULL: nothing did */
    int64_t start_ms;          /* milliseconds since 1970-01-01 UTC */
    int64_t stop_ms;
};

/* Compact JSON as avmap-results(5) documents it; the caller frees it. */
MUST_USE char *run_report_json(const struct run_report *report);
