/* SPDX-License-Identifier: MIT */

/*
 * What happened to one item, and how that reads as a child execution's entry in the result files
 * of Step Functions' ResultWriter (avmap-results(5) has the layout).
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"

enum outcome {
    OUTCOME_SUCCEEDED,
    OUTCOME_FAILED,
    OUTCOME_TIMED_OUT,
    OUTCOME_ABORTED, /* in flight when the run was stopped */
    OUTCOME_PENDING, /* never started */
};

/* "SUCCEEDED" and so on; borrowed. */
const char *record_status(enum outcome outcome);

struct record {
    enum outcome outcome;
    uint64_t index;            /* the item's; with key it makes the execution's name */
    const char *key;           /* borrowed */
    const char *input;         /* borrowed; the item as JSON text */
    const char *output;        /* borrowed; JSON text, for OUTCOME_SUCCEEDED only */
    const struct error *error; /* borrowed; for failed, timed out and aborted items */
    int64_t start_ms;          /* milliseconds since 1970-01-01 UTC */
    int64_t stop_ms;
    bool again;            /* an earlier attempt at this run has a record of its success */
    bool kept;             /* nothing was done: the result was there already */
    const char *execution; /* UUID that an earlier run gave it; NULL: it is new */
    unsigned redrives;     /* how often it was done again */
};

/* The names that all records of a run share; all borrowed. */
struct record_run {
    const char *id;     /* UUID */
    const char *region; /* "us-east-1" */
};

/* One compact JSON object without a line end; the caller frees it. */
MUST_USE char *record_json(const struct record *record, const struct record_run *run);

/* The run's name in Step Functions' form, for the manifest; the caller frees it. */
MUST_USE char *record_map_run_arn(const struct record_run *run);
