/* SPDX-License-Identifier: MIT */

/*
 * What the records of a run add up to. Of a million records only sums are kept, and of each kind of
 * example a few.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/cancel.h"
#include "base/error.h"
#include "run/manifest.h"

enum { FIGURES_TOP = 10, FIGURES_EXAMPLES = 3, FIGURES_WORDS = 64 };

/* An item worth a look; key is owned. */
struct figures_item {
    char *key;
    double value; /* seconds or bytes */
};

struct figures_top {
    struct figures_item items[FIGURES_TOP]; /* the largest value first */
    unsigned count;
};

/* What failed with one word, or had a warning; all owned. */
struct figures_failures {
    char *word;
    uint64_t count;

    struct {
        char *key;
        char *cause;
    } examples[FIGURES_EXAMPLES]; /* the first ones */

    unsigned example_count;
};

struct figures {
    struct manifest manifest;
    uint64_t made;
    uint64_t kept; /* results that were there already */
    uint64_t failed;
    uint64_t timed_out;
    uint64_t aborted;
    uint64_t pending;
    uint64_t unreadable; /* records that are none */
    uint64_t retried;    /* items that took more than one attempt */
    uint64_t decode_errors;
    uint64_t bytes_in; /* of what was made, as all up to uploading_seconds */
    uint64_t bytes_out;
    double media_seconds;
    double waiting_seconds; /* of all items together, as the next three */
    double downloading_seconds;
    double transcoding_seconds;
    double uploading_seconds;
    int64_t start_ms; /* of the first attempt at any item; 0: nothing was begun */
    int64_t stop_ms;
    struct figures_failures words[FIGURES_WORDS]; /* as they came; then the most frequent first */
    unsigned word_count;
    uint64_t other_failures; /* with words for which there was no room */
    struct figures_failures warnings;
    struct figures_top slowest;
    struct figures_top largest;
};

/* Reads the manifest at url and all its records. Fails as manifest_read and record_list_open do. */
bool figures_read(const char *url, const struct s3_settings *s3, const struct cancel *cancel,
                  struct figures *figures, struct error *err);
void figures_release(struct figures *figures);

/* From the first item's begin to the last one's end. */
double figures_seconds(const struct figures *figures);

/* Items begun and ended. */
uint64_t figures_ended(const struct figures *figures);

/* The text that run.json has under name; "" without one. Borrowed. */
const char *figures_run_text(const struct figures *figures, const char *name);

/* A summary for a terminal; an object for programs; one HTML page that needs nothing else. The
 * caller frees each. */
MUST_USE char *figures_text(const struct figures *figures);
MUST_USE char *figures_json(const struct figures *figures);
MUST_USE char *figures_html(const struct figures *figures);
