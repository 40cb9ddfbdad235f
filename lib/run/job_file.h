/* SPDX-License-Identifier: MIT */

/*
 * The input of the aws-batch-with-ffmpeg state machine, read unchanged:
 * {"name","compute","input":{"s3_bucket","s3_prefix","file_options"},
 *  "output":{"s3_bucket","s3_prefix","s3_suffix","file_options"},"global":{"options"}}.
 * The string "null", null and a missing field all mean unset.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>

#include "base/cancel.h"
#include "base/error.h"
#include "base/shell_words.h"
#include "store/store.h"

struct job_file {
    char *name;                /* owned, as all here; NULL when unset */
    char *compute;             /* only recorded */
    char *source;              /* "s3://bucket/prefix" */
    char *destination;         /* "s3://bucket/prefix" */
    char *suffix;              /* NULL when unset */
    char *results;             /* where the state machine puts its results: in the input bucket */
    struct shell_words recipe; /* ffmpeg's output options */
    struct shell_words input_options;
    struct shell_words global_options;
};

/*
 * Reads it from a path, "-" for standard input, or s3://bucket/key. Fails with ERROR_USAGE naming
 * the field, and as s3 does when it lies there. Release the job also after a failure.
 */
bool job_file_read(const char *url, const struct s3_settings *s3, const struct cancel *cancel,
                   struct job_file *job, struct error *err);

void job_file_release(struct job_file *job);
