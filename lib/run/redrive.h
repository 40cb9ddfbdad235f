/* SPDX-License-Identifier: MIT */

/*
 * What an earlier run left to do, and how it did the rest, from its manifest and run.json.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/cancel.h"
#include "base/error.h"
#include "run/manifest.h"
#include "run/run_settings.h"

struct redrive {
    struct manifest manifest;
    struct record_file *files; /* owned, keys borrowed; FAILED, then PENDING */
    size_t file_count;
    enum items_format items; /* what its source is */
    char **recipe;           /* owned; ffmpeg's output options */
    size_t recipe_count;
    char *input_options;        /* owned; NULL: none */
    char *global_options;       /* owned; NULL: none */
    struct run_option *options; /* owned; borrowed from run.json in all */
    size_t option_count;
};

/*
 * Reads the manifest at url. Fails as manifest_read does, and for a run.json that does not say what
 * is needed, with Avmap.BadManifest. Release it also after a failure.
 */
bool redrive_read(const char *url, const struct s3_settings *s3, const struct cancel *cancel,
                  struct redrive *redrive, struct error *err);

/* Whether it is a run of ours, which said what is to be done, and not Step Functions'. */
bool redrive_is_described(const struct redrive *redrive);

/* Puts places, names and ffmpeg's options of a described run into settings, which borrow them. */
void redrive_describe(const struct redrive *redrive, struct run_settings *settings);

void redrive_release(struct redrive *redrive);
