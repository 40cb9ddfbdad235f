/* SPDX-License-Identifier: MIT */

/* Keeps the books of jobs. */

#include "run/job_record.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"

/* Not before the first attempt, whatever became of the clock meanwhile. */
static int64_t stop_of(const struct job *job)
{
    int64_t now_ms = clock_wall_ms();

    return now_ms < job->start_ms ? job->start_ms : now_ms;
}

/* what has the outcome and what belongs to it. */
static bool add(const struct job_books *books, const struct job *job, const struct record *what,
                struct error *err)
{
    const struct location *source = books->source;
    char *input = item_json(&job->item, source->kind == LOCATION_S3 ? source->container : NULL);
    char *identity = item_identity(&job->item);
    struct record record = *what;
    bool ok;

    record.index = job->item.index;
    record.key = identity;
    record.input = input;
    record.stop_ms = stop_of(job);
    record.start_ms = job->start_ms ? job->start_ms : record.stop_ms;
    record.again = job->done;
    record.execution = job->item.execution;
    record.redrives = job->item.redrives;
    ok = results_add(books->results, &record, err);
    free(identity);
    free(input);
    return ok;
}

static void log_end(const struct job *job, const char *status, const struct error *failure,
                    uint64_t bytes_out)
{
    log_outcome(&(struct log_outcome){
        .status = status,
        .error = failure ? failure->word : NULL,
        .cause = failure ? failure->text : NULL,
        .seconds = job->start_ms ? (double)(stop_of(job) - job->start_ms) / 1000 : 0,
        .bytes_in = job->item.object.size,
        .bytes_out = bytes_out,
    });
}

bool job_record_success(const struct job_books *books, const struct job *job, const char *output,
                        uint64_t bytes_out, int64_t media_us, struct error *err)
{
    log_end(job, record_status(OUTCOME_SUCCEEDED), NULL, bytes_out);
    progress_succeeded(books->progress, job->item.object.size, bytes_out, media_us);
    return add(books, job, &(struct record){ .outcome = OUTCOME_SUCCEEDED, .output = output }, err);
}

bool job_record_kept(const struct job_books *books, const struct job *job, bool is_empty,
                     const char *output, struct error *err)
{
    log_end(job, record_status(OUTCOME_SUCCEEDED), NULL, 0);
    progress_kept(books->progress, is_empty);
    return add(books, job,
               &(struct record){ .outcome = OUTCOME_SUCCEEDED, .output = output, .kept = true },
               err);
}

static enum outcome outcome_of(const struct error *failure)
{
    switch (failure->kind) {
    case ERROR_CANCELLED:
        return OUTCOME_ABORTED;
    case ERROR_TIMEOUT:
        return OUTCOME_TIMED_OUT;
    default:
        return OUTCOME_FAILED;
    }
}

bool job_record_failure(const struct job_books *books, const struct job *job,
                        const struct error *failure, struct error *err)
{
    log_end(job, record_status(outcome_of(failure)), failure, 0);
    progress_ended(books->progress, outcome_of(failure));
    return add(books, job, &(struct record){ .outcome = outcome_of(failure), .error = failure },
               err);
}

bool job_record_pending(const struct job_books *books, const struct job *job, struct error *err)
{
    log_end(job, record_status(job->done ? OUTCOME_SUCCEEDED : OUTCOME_PENDING), NULL, 0);
    if (job->done)
        progress_kept(books->progress, false);
    else
        progress_ended(books->progress, OUTCOME_PENDING);
    return add(books, job, &(struct record){ .outcome = OUTCOME_PENDING }, err);
}
