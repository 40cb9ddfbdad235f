/* SPDX-License-Identifier: MIT */

/* Counts, and the thread that shows them. */

#include "run/progress.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/ticker.h"

enum { STATUS_INTERVAL_MS = 100, LINES_INTERVAL_MS = 10000 };

struct progress {
    int64_t start_ms;
    enum progress_display display;
    struct ticker *ticker; /* NULL while nothing is shown */
    pthread_mutex_t lock;

    /* Guarded by lock. */
    struct progress_counts counts;
};

static uint64_t done(const struct progress_counts *counts)
{
    uint64_t sum = 0;

    for (int outcome = 0; outcome < OUTCOME_PENDING; outcome++)
        sum += counts->by_outcome[outcome];
    return sum;
}

bool progress_has_failed(const struct progress_counts *counts)
{
    return counts->by_outcome[OUTCOME_FAILED] + counts->by_outcome[OUTCOME_TIMED_OUT] +
               counts->unlisted >
           0;
}

uint64_t progress_skipped(const struct progress_counts *counts)
{
    return counts->folder_markers + counts->empty_objects + counts->kept;
}

static void format_eta(const struct progress_counts *counts, char *out, size_t size)
{
    uint64_t ended = done(counts);
    long left;

    out[0] = '\0';
    if (!counts->listing_complete || ended == 0)
        return;
    left = (long)((double)(counts->total - ended) * counts->seconds / (double)ended);
    snprintf(out, size, ", ETA %ld:%02ld:%02ld", left / 3600, left / 60 % 60, left % 60);
}

/* "12/40 done, 1 failed, 2 skipped, ETA 0:01:02, 8.1 objects/s, 95x real time, in 1.5 MiB ..." */
static void format_line(const struct progress_counts *counts, char *out, size_t size)
{
    double seconds = counts->seconds > 0.001 ? counts->seconds : 0.001;
    uint64_t failed = counts->by_outcome[OUTCOME_FAILED] + counts->by_outcome[OUTCOME_TIMED_OUT];
    char eta[64];
    char bytes_in[16];
    char bytes_out[16];

    format_eta(counts, eta, sizeof(eta));
    snprintf(out, size,
             "%llu/%llu%s done, %llu failed, %llu skipped%s, %.1f objects/s, %.0fx real time, "
             "in %s, out %s",
             (unsigned long long)done(counts), (unsigned long long)counts->total,
             counts->listing_complete ? "" : "+", (unsigned long long)failed,
             (unsigned long long)progress_skipped(counts), eta, (double)done(counts) / seconds,
             (double)counts->media_us / 1e6 / seconds,
             number_format_size(counts->bytes_in, bytes_in, sizeof(bytes_in)),
             number_format_size(counts->bytes_out, bytes_out, sizeof(bytes_out)));
}

static void show(void *arg)
{
    struct progress *progress = arg;
    struct progress_counts counts = progress_read(progress);
    char line[400];

    format_line(&counts, line, sizeof(line));
    if (progress->display == PROGRESS_STATUS)
        log_status(line);
    else
        log_info("%s", line);
}

struct progress *progress_start(enum progress_display display)
{
    struct progress *progress = memory_new(1, sizeof(*progress));

    progress->start_ms = clock_monotonic_ms();
    progress->display = display;
    pthread_mutex_init(&progress->lock, NULL);
    if (display == PROGRESS_STATUS)
        show(progress); /* so that a terminal is never without a sign of life */
    if (display != PROGRESS_HIDDEN)
        progress->ticker = ticker_start(
            display == PROGRESS_STATUS ? STATUS_INTERVAL_MS : LINES_INTERVAL_MS, show, progress);
    return progress;
}

void progress_stop(struct progress *progress)
{
    ticker_stop(progress->ticker);
    progress->ticker = NULL;
    log_status("");
}

void progress_free(struct progress *progress)
{
    if (!progress)
        return;
    pthread_mutex_destroy(&progress->lock);
    free(progress);
}

/* Runs one change of the counts under the lock. */
#define CHANGE(change)                                                                             \
    do {                                                                                           \
        pthread_mutex_lock(&progress->lock);                                                       \
        change;                                                                                    \
        pthread_mutex_unlock(&progress->lock);                                                     \
    } while (0)

void progress_listed(struct progress *progress)
{
    CHANGE(progress->counts.total++);
}

void progress_listing_complete(struct progress *progress)
{
    CHANGE(progress->counts.listing_complete = true);
}

void progress_foreseen(struct progress *progress, uint64_t total)
{
    pthread_mutex_lock(&progress->lock);
    progress->counts.foreseen = total;
    pthread_mutex_unlock(&progress->lock);
}

void progress_folder_marker(struct progress *progress)
{
    CHANGE(progress->counts.folder_markers++);
}

void progress_empty_object(struct progress *progress)
{
    CHANGE(progress->counts.empty_objects++);
}

void progress_not_wanted(struct progress *progress)
{
    CHANGE(progress->counts.not_wanted++);
}

void progress_begun(struct progress *progress)
{
    pthread_mutex_lock(&progress->lock);
    progress->counts.in_flight++;
    if (progress->counts.peak_in_flight < progress->counts.in_flight)
        progress->counts.peak_in_flight = progress->counts.in_flight;
    pthread_mutex_unlock(&progress->lock);
}

void progress_left(struct progress *progress, const struct progress_stages *stages)
{
    struct progress_stages *sums = &progress->counts.stages;

    pthread_mutex_lock(&progress->lock);
    progress->counts.in_flight--;
    sums->waiting_ms += stages->waiting_ms;
    sums->downloading_ms += stages->downloading_ms;
    sums->transcoding_ms += stages->transcoding_ms;
    sums->uploading_ms += stages->uploading_ms;
    pthread_mutex_unlock(&progress->lock);
}

void progress_repeated(struct progress *progress)
{
    CHANGE(progress->counts.repeated++);
}

void progress_ended(struct progress *progress, enum outcome outcome)
{
    CHANGE(progress->counts.by_outcome[outcome]++);
}

void progress_unlisted(struct progress *progress)
{
    CHANGE(progress->counts.unlisted++);
}

void progress_kept(struct progress *progress, bool is_empty)
{
    CHANGE(progress->counts.by_outcome[OUTCOME_SUCCEEDED]++; progress->counts.kept++;
           progress->counts.empty_items += is_empty);
}

void progress_succeeded(struct progress *progress, uint64_t bytes_in, uint64_t bytes_out,
                        int64_t media_us)
{
    struct progress_counts *counts = &progress->counts;

    pthread_mutex_lock(&progress->lock);
    counts->by_outcome[OUTCOME_SUCCEEDED]++;
    counts->bytes_in += bytes_in;
    counts->bytes_out += bytes_out;
    counts->media_us += media_us > 0 ? (uint64_t)media_us : 0;
    pthread_mutex_unlock(&progress->lock);
}

struct progress_counts progress_read(struct progress *progress)
{
    struct progress_counts counts;

    pthread_mutex_lock(&progress->lock);
    counts = progress->counts;
    pthread_mutex_unlock(&progress->lock);
    counts.seconds = (double)(clock_monotonic_ms() - progress->start_ms) / 1000;
    return counts;
}
