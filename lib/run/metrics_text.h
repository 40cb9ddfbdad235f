/* SPDX-License-Identifier: MIT */

/*
 * The forms that metrics are written in.
 * Threads: safe.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "items/shard.h"
#include "run/metric_labels.h"
#include "run/metric_table.h"

/* What surrounds the values; all borrowed. */
struct metrics_text {
    const struct metric_labels *labels;
    const char *namespace; /* CloudWatch's */
    const char *run_id;
    struct shard shard; /* count is 0: not one of many */
    int64_t start_ms;   /* of the run, wall clock */
    int64_t now_ms;
    bool finished; /* no more will come of this run */
};

/*
 * A log event in CloudWatch's embedded metric format: one JSON object without a newline, for the
 * caller to free. What counts is given as the difference from before, because CloudWatch adds up.
 * Source: "Specification: Embedded metric format" in the user guide of CloudWatch.
 */
MUST_USE char *metrics_text_emf(const struct metrics_text *text, const struct metric_values *now,
                                const struct metric_values *before);

/* Prometheus's text format 0.0.4, for the caller to free. */
MUST_USE char *metrics_text_prometheus(const struct metrics_text *text,
                                       const struct metric_values *now);
