/* SPDX-License-Identifier: MIT */

/*
 * Threads that carry one job each from end to end, until the jobs end. A job that failed for a
 * passing reason waits for its next attempt in the queue, not in a worker.
 * Threads: workers_push is for one thread; errors come from any.
 */

#pragma once

#include "base/attributes.h"
#include "base/budget.h"
#include "run/failure_budget.h"
#include "run/job.h"

struct workers;

struct workers_settings {
    const struct job_tools *tools;
    struct s3_service *service; /* NULL when no S3 is in play */
    struct budget *budget;      /* for the bytes of objects */
    struct cancel *cancel;      /* stopped by a worker whose error ends the run */
    const struct failure_budget *failure_budget;
    unsigned least; /* workers; as many are begun with */
    unsigned most;  /* more than least: as many as keep the CPUs busy, see pace.h */
    unsigned cpus;
};

/* All in settings is borrowed. Fails with ERROR_LOCAL when threads or descriptors run out. */
MUST_USE struct workers *workers_start(const struct workers_settings *settings, struct error *err);

/* Waits for room; takes job (from memory_new). What is not begun after a stop becomes pending. */
void workers_push(struct workers *workers, struct job *job);

/* Waits until all jobs are through, of those not begun yet the largest first. False: something
 * ended the run; *err says what, the first one.
 */
bool workers_finish(struct workers *workers, struct error *err);

void workers_free(struct workers *workers);
