/* SPDX-License-Identifier: MIT */

/*
 * One whole run: items from the source through the workers, then the result files.
 * Threads: once per process, from the main thread.
 */

#pragma once

#include <stdbool.h>

#include "base/attributes.h"
#include "base/cancel.h"
#include "base/error.h"
#include "run/progress.h"
#include "run/run_report.h"
#include "run/run_settings.h"

/* What --grace is unless it is given: batch engines leave 30 s between TERM and KILL. */
enum { RUN_GRACE_MS = 20000 };

struct run_summary {
    struct progress_counts counts;
    enum run_end end;
    struct error error; /* what ended the run; its kind is ERROR_NONE when nothing did */
    char *report_json;  /* owned; the text of run.json */
    char *dry_run; /* owned; for a dry run, what would be done; the other fields are empty then */
    char *manifest_url; /* owned; NULL when the results could not be written */
};

/*
 * Returns false when nothing was started: ERROR_USAGE for the command line, other kinds when the
 * places cannot be reached. Otherwise fills *summary. cancel may be stopped by a signal handler.
 */
bool run(const struct run_settings *settings, struct cancel *cancel, struct run_summary *summary,
         struct error *err);

/* The part of the grace time that items in flight have after a stop; writing the results follows.
 */
int64_t run_items_grace_ms(const struct run_settings *settings);

/* A line for each library that is used at run time; the caller frees it. */
MUST_USE char *run_libraries(void);

void run_summary_release(struct run_summary *summary);
