/* SPDX-License-Identifier: MIT */

/*
 * What is written of a job: its record, its counts and its log line.
 * Threads: safe; a job is confined to one thread at a time.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "results/results.h"
#include "run/plan.h"
#include "run/progress.h"

struct job_books {
    const struct location *source;
    struct results *results;
    struct progress *progress;
};

/* output is the record's Output; bytes_out and media_us count for the progress. */
bool job_record_success(const struct job_books *books, const struct job *job, const char *output,
                        uint64_t bytes_out, int64_t media_us, struct error *err);

/* The result was there already and stays, or there is none, as the source has no bytes. */
bool job_record_kept(const struct job_books *books, const struct job *job, bool is_empty,
                     const char *output, struct error *err);

/* failure is logged. A cancelled item counts as aborted. */
bool job_record_failure(const struct job_books *books, const struct job *job,
                        const struct error *failure, struct error *err);

/* A job that is not begun, or given up, because the run ends. One that was done stays so. */
bool job_record_pending(const struct job_books *books, const struct job *job, struct error *err);
