/* SPDX-License-Identifier: MIT */

/* Gives jobs to a crew, and judges what becomes of them. */

#include "run/workers.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/queue.h"
#include "run/crew.h"

/*
 * Jobs waiting: so many per worker that nobody waits for the listing between two items, and some
 * besides, so that it makes a difference in which order the last ones are done.
 */
enum { QUEUED_PER_WORKER = 2, QUEUED_BESIDES = 32 };

/* How long other items in flight may go on after an error that ends the run. */
enum { FATAL_GRACE_MS = 10000 };

/* Too many failures only end the taking of items: those in flight go to their ends. */
enum { TOLERANCE_GRACE_MS = 24 * 3600 * 1000 };

struct workers {
    struct workers_settings settings;
    struct queue *queue;
    struct crew *crew;
    pthread_mutex_t lock;

    /* Guarded by lock. */
    struct error first_error;
};

static void end_run(struct workers *workers, const struct error *err, int64_t grace_ms)
{
    pthread_mutex_lock(&workers->lock);
    if (workers->first_error.kind == ERROR_NONE)
        workers->first_error = *err;
    pthread_mutex_unlock(&workers->lock);
    cancel_stop(workers->settings.cancel, grace_ms);
}

static void judge_failures(struct workers *workers)
{
    struct progress_counts counts = progress_read(workers->settings.tools->books.progress);
    uint64_t failed = counts.by_outcome[OUTCOME_FAILED] + counts.by_outcome[OUTCOME_TIMED_OUT];
    uint64_t total = counts.listing_complete ? counts.total : counts.foreseen;
    struct error err;

    if (!failure_budget_is_exceeded(workers->settings.failure_budget, failed, total, total > 0))
        return;
    error_set(&err, ERROR_TOLERANCE, "States.ExceedToleratedFailureThreshold",
              "%" PRIu64 " of %" PRIu64 " items failed, more than is tolerated", failed,
              total > counts.total ? total : counts.total);
    end_run(workers, &err, TOLERANCE_GRACE_MS);
}

/* Puts the job back for its next attempt. */
static void repeat_later(struct workers *workers, struct job *job, const struct error *failure)
{
    const struct backoff *backoff = workers->settings.tools->backoff;
    uint64_t delay_ms = backoff_delay_ms(backoff, job->attempts);

    if (delay_ms < failure->retry_after_ms)
        delay_ms = failure->retry_after_ms;
    progress_repeated(workers->settings.tools->books.progress);
    log_set_job(job->item.object.key);
    log_warning("attempt %u of %u failed, next in %" PRIu64 " ms: %s", job->attempts,
                backoff->max_attempts, delay_ms, failure->text);
    log_set_job(NULL);
    queue_push_later(workers->queue, job, clock_monotonic_ms() + (int64_t)delay_ms);
}

/* A job that is not begun, or not again, as the run is stopping. */
static bool give_up(struct workers *workers, struct job *job, struct error *err)
{
    bool ok;

    log_set_job(job->item.object.key);
    ok = job_record_pending(&workers->settings.tools->books, job, err);
    log_set_job(NULL);
    return ok;
}

static void work_on(void *owner, struct job_worker *worker, struct job *job)
{
    struct workers *workers = owner;
    enum job_end end = JOB_DONE;
    struct error err;

    if (!cancel_stopping(workers->settings.cancel))
        end = job_run(worker, job, &err);
    else if (!give_up(workers, job, &err))
        end = JOB_ENDS_RUN;
    if (end == JOB_AGAIN) {
        repeat_later(workers, job, &err);
        return;
    }
    if (end == JOB_ENDS_RUN)
        end_run(workers, &err, FATAL_GRACE_MS);
    else
        judge_failures(workers);
    job_free(job);
}

struct workers *workers_start(const struct workers_settings *settings, struct error *err)
{
    struct workers *workers = memory_new(1, sizeof(*workers));
    struct crew_settings crew = { .workers = settings, .work = work_on, .owner = workers };
    struct error later;

    workers->settings = *settings;
    workers->queue =
        queue_new((size_t)settings->most * QUEUED_PER_WORKER + QUEUED_BESIDES, settings->cancel);
    crew.queue = workers->queue;
    pthread_mutex_init(&workers->lock, NULL);
    if (crew_start(&workers->crew, &crew, err))
        return workers;
    cancel_stop(settings->cancel, 0);
    (void)workers_finish(workers, &later);
    workers_free(workers);
    return NULL;
}

void workers_push(struct workers *workers, struct job *job)
{
    crew_announce(workers->crew, job->item.object.size);
    /* Only workers_finish closes the queue, so there always is a taker. */
    if (!queue_push(workers->queue, job))
        abort();
}

static uint64_t bytes_of(const void *item)
{
    const struct job *job = item;

    return job->item.object.size;
}

bool workers_finish(struct workers *workers, struct error *err)
{
    judge_failures(workers);
    /* Nothing comes after what is queued now, and a large item begun last would keep all waiting.
     */
    queue_close_heaviest_first(workers->queue, bytes_of);
    crew_join(workers->crew);
    if (workers->first_error.kind == ERROR_NONE)
        return true;
    *err = workers->first_error;
    return false;
}

void workers_free(struct workers *workers)
{
    if (!workers)
        return;
    crew_free(workers->crew);
    pthread_mutex_destroy(&workers->lock);
    queue_free(workers->queue);
    free(workers);
}
