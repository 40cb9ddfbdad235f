/* SPDX-License-Identifier: MIT */

/*
 * One attempt at an item: download, transcode, upload, record.
 * Threads: confined, one worker each; struct job_tools is shared by all.
 */

#pragma once

#include "base/backoff.h"
#include "base/cancel.h"
#include "base/file_set.h"
#include "base/gate.h"
#include "base/spool.h"
#include "media/filter_spare.h"
#include "media/recipe.h"
#include "run/demands.h"
#include "run/existing.h"
#include "run/job_record.h"
#include "run/name_claims.h"
#include "store/store.h"

/* What all jobs of a run share; all borrowed and safe or immutable. */
struct job_tools {
    const struct recipe *recipe;
    const struct location *source;
    const struct location *destination;
    const struct existing *existing;
    struct name_claims *claims;    /* for results of several files */
    const struct backoff *backoff; /* for whole items after a transient error */
    const struct cancel *cancel;
    uint64_t item_timeout_ms; /* 0: none */
    struct demands demands;
    struct gate *gate; /* the CPUs */
    unsigned cpus;     /* how many they are */
    struct job_books books;
};

/* What one worker brings to its jobs. */
struct job_worker {
    const struct job_tools *tools;
    struct store *source;
    struct store *destination;
    struct spool input;
    struct spool output;
    struct file_set files; /* instead of output where a recipe makes several */
    struct filter_spare spare;
    struct cancel item; /* below the run's; the stores look at it */
};

enum job_end {
    JOB_DONE,     /* recorded, as succeeded or failed */
    JOB_AGAIN,    /* a transient error, and attempts are left; nothing is recorded */
    JOB_ENDS_RUN, /* recorded as pending, as the error is not this item's */
};

/* Makes one attempt. err is filled for JOB_AGAIN and JOB_ENDS_RUN. */
enum job_end job_run(struct job_worker *worker, struct job *job, struct error *err);
