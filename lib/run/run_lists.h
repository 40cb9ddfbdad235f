/* SPDX-License-Identifier: MIT */

/*
 * The lists for S3 Batch Operations that a run leaves where the user wants them: which, where, and
 * storing them.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>

#include "base/cancel.h"
#include "base/error.h"
#include "results/completion.h"
#include "run/run_order.h"
#include "store/store.h"

struct run_list {
    struct location place;
    char *key; /* owned; NULL: it is not wanted */
};

struct run_lists {
    struct run_list report;
    struct run_list made;
    struct completion *completion; /* owned; NULL: none of them is wanted */
};

/*
 * Reads where the lists go; with shards, each has its own, "report-00003.csv". Release them also
 * after a failure, which is ERROR_USAGE.
 */
bool run_lists_read(struct run_lists *lists, const struct run_settings *settings,
                    const struct run_order *order, struct error *err);

bool run_lists_store(const struct run_lists *lists, struct s3_service *service,
                     const struct cancel *cancel, struct error *err);

void run_lists_release(struct run_lists *lists);
