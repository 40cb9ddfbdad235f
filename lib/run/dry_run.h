/* SPDX-License-Identifier: MIT */

/*
 * What a run would do at most: items, bytes, requests, what S3 would ask for those, and the first
 * names. Whether results are there already is not asked: that would cost what the run costs.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "run/plan.h"
#include "run/progress.h"
#include "run/run_order.h"

enum { DRY_RUN_NAMES = 10 };

struct dry_run {
    bool asks; /* the run looks for each result first, and may leave it as it is */
    uint64_t bytes;
    uint64_t unknown;           /* items whose sizes their list does not say */
    uint64_t fetched;           /* from S3, with one GET or more */
    uint64_t looked_up;         /* in S3, as their list does not say which version they are */
    uint64_t failures;          /* items whose results could not be named */
    char *names[DRY_RUN_NAMES]; /* owned; "source -> result" */
    unsigned name_count;
};

/* Counts the job in. failure: why it cannot be; NULL: it can. */
void dry_run_add(struct dry_run *dry_run, const struct run_order *order, const struct job *job,
                 const struct error *failure);

/* The summary, several lines; the caller frees it. */
MUST_USE char *dry_run_text(const struct dry_run *dry_run, const struct run_order *order,
                            const struct progress_counts *counts);

void dry_run_release(struct dry_run *dry_run);
