/* SPDX-License-Identifier: MIT */

/*
 * Counts of the run, and a thread that shows them: as a status line on a terminal, else as a plain
 * line now and then.
 * Threads: safe; start and stop belong to the thread that owns it.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "results/record.h"

/* Time spent by stage, summed over items. */
struct progress_stages {
    int64_t waiting_ms; /* for a CPU */
    int64_t downloading_ms;
    int64_t transcoding_ms;
    int64_t uploading_ms;
};

struct progress_counts {
    uint64_t total;    /* picked items so far */
    uint64_t foreseen; /* how many there will be; 0: not known */
    uint64_t by_outcome[OUTCOME_PENDING + 1];
    uint64_t folder_markers;
    uint64_t empty_objects;
    uint64_t kept;        /* of the succeeded: their results were there already */
    uint64_t empty_items; /* of those: instead, they turned out to have no bytes */
    uint64_t unlisted;    /* folders of the source that could not be read */
    uint64_t not_wanted;  /* left out by patterns, size or age */
    uint64_t bytes_in;
    uint64_t bytes_out;
    uint64_t media_us;  /* microseconds of results made */
    uint64_t in_flight; /* items that workers have in hand */
    uint64_t peak_in_flight;
    uint64_t repeated; /* attempts that failed and were not the last */
    struct progress_stages stages;
    bool listing_complete;
    double seconds; /* since the start */
};

struct progress;

enum progress_display { PROGRESS_HIDDEN, PROGRESS_LINES, PROGRESS_STATUS };

struct progress *progress_start(enum progress_display display);

/* Ends the display and takes the status line away. */
void progress_stop(struct progress *progress);
void progress_free(struct progress *progress);

void progress_listed(struct progress *progress);
void progress_listing_complete(struct progress *progress);

/* How many will be picked, as far as can be known before. */
void progress_foreseen(struct progress *progress, uint64_t total);
void progress_folder_marker(struct progress *progress);
void progress_empty_object(struct progress *progress);
void progress_not_wanted(struct progress *progress);
void progress_unlisted(struct progress *progress);

/* A worker has taken an item in hand; it has it no more, and stages is what that took. */
void progress_begun(struct progress *progress);
void progress_left(struct progress *progress, const struct progress_stages *stages);

/* An attempt failed for a passing reason; another one follows. */
void progress_repeated(struct progress *progress);

/* An item is through, or is never begun: OUTCOME_PENDING. */
void progress_ended(struct progress *progress, enum outcome outcome);

/* The same for OUTCOME_SUCCEEDED when the result was there already, or the item has no bytes. */
void progress_kept(struct progress *progress, bool is_empty);

/* The same for OUTCOME_SUCCEEDED, with what it brought. */
void progress_succeeded(struct progress *progress, uint64_t bytes_in, uint64_t bytes_out,
                        int64_t media_us);

/* Whether any item failed, or a folder of the source could not be read. */
bool progress_has_failed(const struct progress_counts *counts);

/* All that was passed over: markers, empty objects, and results that were there already. */
uint64_t progress_skipped(const struct progress_counts *counts);

struct progress_counts progress_read(struct progress *progress);
