/* SPDX-License-Identifier: MIT */

/*
 * What a user puts beside every metric: dimensions in CloudWatch, labels in Prometheus.
 * Threads: immutable.
 */

#pragma once

#include <stddef.h>

#include "base/attributes.h"
#include "base/error.h"

/* CloudWatch takes 30 dimensions. */
enum { METRIC_LABELS_MAX = 30 };

struct metric_label {
    char *name;  /* owned; letters, digits and _, which both systems take */
    char *value; /* owned; printable ASCII */
};

struct metric_labels {
    struct metric_label of[METRIC_LABELS_MAX];
    size_t count;
};

/* Reads "NAME=VALUE,..."; text may be NULL: none. Fails with ERROR_USAGE; release it also then. */
MUST_USE bool metric_labels_parse(const char *text, struct metric_labels *labels,
                                  struct error *err);
void metric_labels_release(struct metric_labels *labels);
