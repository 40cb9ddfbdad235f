/* SPDX-License-Identifier: MIT */

/*
 * What is measured of a run: one table of names, units and help for all forms that metrics are
 * written in, and the values from the counts.
 * Threads: immutable.
 */

#pragma once

#include <stdbool.h>

#include "run/progress.h"
#include "store/store.h"

enum { METRIC_COUNT = 22 };

struct metric {
    const char *name;  /* in Prometheus, after "avmap_" */
    const char *label; /* what tells metrics of one name apart, as key="value"; NULL: nothing */
    const char *emf;   /* in CloudWatch */
    const char *unit;  /* CloudWatch's word */
    const char *help;
    bool is_level; /* goes up and down; else it counts from the start of the run */
};

/* METRIC_COUNT rows; those with one name are neighbours. */
extern const struct metric metric_table[];

struct metric_values {
    double of[METRIC_COUNT]; /* in the order of the table */
};

struct metric_values metric_table_values(const struct progress_counts *counts,
                                         const struct s3_traffic *traffic);
