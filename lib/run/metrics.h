/* SPDX-License-Identifier: MIT */

/*
 * Says now and then, for machines, how far a run is: as lines in CloudWatch's embedded metric
 * format on stdout, where the log drivers of containers take them, and as a file for Prometheus.
 * Threads: belongs to the thread that owns the run; it starts one of its own.
 */

#pragma once

#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "items/shard.h"
#include "run/progress.h"
#include "store/store.h"

enum metrics_form { METRICS_NONE, METRICS_EMF };

/* All pointers are borrowed. */
struct metrics_settings {
    enum metrics_form form;
    const char *file;       /* Prometheus's; NULL: none */
    const char *namespace;  /* CloudWatch's; NULL: avmap */
    const char *dimensions; /* "NAME=VALUE,..."; NULL: none */
    uint64_t interval_ms;
};

/* What is measured; all borrowed. */
struct metrics_run {
    struct progress *progress;
    const struct s3_service *service; /* NULL: no S3 is in play */
    const char *id;
    struct shard shard;
    int64_t start_ms; /* wall clock */
};

struct metrics;

/* Fails with ERROR_USAGE when settings make no sense. */
MUST_USE struct metrics *metrics_new(const struct metrics_settings *settings, struct error *err);

/* The first time. Fails with ERROR_LOCAL when the file cannot be written. */
MUST_USE bool metrics_start(struct metrics *metrics, const struct metrics_run *run,
                            struct error *err);

/* The last time: what was started says that the run has ended. */
void metrics_finish(struct metrics *metrics);

/* NULL is fine. */
void metrics_free(struct metrics *metrics);
