/* SPDX-License-Identifier: MIT */

/*
 * What one attempt at a job is made of, and how it ends: with a record, or with another attempt.
 * Threads: confined to the worker.
 */

#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "media/media_report.h"
#include "run/job.h"
#include "run/job_files.h"
#include "run/job_turn.h"
#include "run/progress.h"
#include "store/store_input.h"
#include "store/store_write.h"

struct job_attempt {
    struct job_worker *worker;
    struct job *job;
    char *mark; /* owned; the key that tells whether the result is there; NULL: not known */
    char *etag; /* owned; of the result, NULL when the store has none */
    struct job_files files; /* empty when the result is one file */
    struct media_report media;
    struct store_input *input; /* owned; NULL: not open */
    struct job_turn turn;
    struct progress_stages spent;
    char version[256]; /* of the source, as the result notes it */
    bool is_empty;     /* the source turned out to have no bytes */
    struct store_put_request put_request;
    struct store_write put;
};

/* Whether the recipe makes a set of files of the item. */
bool job_makes_several(const struct job_attempt *attempt);

/* The result was made. err is filled for JOB_ENDS_RUN, here and below. */
enum job_end job_end_succeeded(struct job_attempt *attempt, struct error *err);

/* Nothing had to be done, for the reason. */
enum job_end job_end_kept(struct job_attempt *attempt, const char *reason, struct error *err);

/* *failure may change. err is filled for JOB_AGAIN, too. */
enum job_end job_end_failed(struct job_attempt *attempt, struct error *failure, struct error *err);
