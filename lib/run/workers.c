/* SPDX-License-Identifier: MIT */

/* The worker threads and their queue. */

#include "run/workers.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/crash.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/queue.h"
#include "run/pace.h"

/*
 * Jobs waiting: so many per worker that nobody waits for the listing between two items, and some
 * besides, so that it makes a difference in which order the last ones are done.
 */
enum { QUEUED_PER_WORKER = 2, QUEUED_BESIDES = 32 };

/* How long other items in flight may go on after an error that ends the run. */
enum { FATAL_GRACE_MS = 10000 };

/* Too many failures only end the taking of items: those in flight go to their ends. */
enum { TOLERANCE_GRACE_MS = 24 * 3600 * 1000 };

/* Begun at a time, so that what is too few is three times as many when each has had one more item.
 */
enum { GROWTH = 2 };

/* What makes fewer workers necessary passes slowly, so a look at each item would take too many. */
enum { SHRINK_INTERVAL_MS = 500 };

enum worker_state { WORKER_NONE, WORKER_WORKS, WORKER_RETIRED };

struct worker {
    struct workers *workers;
    struct job_worker job;
    pthread_t thread;

    /* Guarded by the lock of workers. */
    enum worker_state state;
};

struct workers {
    struct workers_settings settings;
    struct queue *queue;
    struct worker *members;
    pthread_mutex_t lock;
    pthread_cond_t ended;

    /* Guarded by lock. */
    struct error first_error;
    unsigned working;
    unsigned most;     /* lowered when no more can be started */
    int64_t shrunk_ms; /* clock_monotonic_ms; when the last one retired */
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

static void work_on(struct worker *worker, struct job *job)
{
    struct workers *workers = worker->workers;
    enum job_end end = JOB_DONE;
    struct error err;

    if (!cancel_stopping(workers->settings.cancel))
        end = job_run(&worker->job, job, &err);
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

static void close_worker(struct worker *worker)
{
    struct job_worker *job = &worker->job;

    store_close(job->source);
    store_close(job->destination);
    job->source = NULL;
    job->destination = NULL;
    spool_release(&job->input);
    spool_release(&job->output);
    file_set_release(&job->files);
}

static bool open_worker(struct workers *workers, struct worker *worker, struct error *err)
{
    const struct workers_settings *settings = &workers->settings;
    const struct job_tools *tools = settings->tools;
    struct job_worker *job = &worker->job;

    worker->workers = workers;
    job->tools = tools;
    cancel_init_item(&job->item, settings->cancel);
    spool_init(&job->input, settings->budget);
    spool_init(&job->output, settings->budget);
    file_set_init(&job->files, settings->budget);
    job->source = store_open(tools->source, settings->service, &job->item, false, err);
    if (job->source)
        job->destination = store_open(tools->destination, settings->service, &job->item, true, err);
    if (job->destination)
        return true;
    close_worker(worker);
    return false;
}

static void *worker_main(void *arg);

static bool start_worker_locked(struct workers *workers, struct error *err)
{
    struct worker *worker = workers->members;
    int failure;

    while (worker->state == WORKER_WORKS)
        worker++;
    if (worker->state == WORKER_RETIRED)
        pthread_join(worker->thread, NULL);
    worker->state = WORKER_NONE;
    if (!open_worker(workers, worker, err))
        return false;
    failure = pthread_create(&worker->thread, NULL, worker_main, worker);
    if (failure) {
        close_worker(worker);
        return error_set_errno(err, ERROR_LOCAL, failure, "start a worker; lower --jobs");
    }
    worker->state = WORKER_WORKS;
    workers->working++;
    return true;
}

static struct pace_signs look_around_locked(const struct workers *workers)
{
    const struct workers_settings *settings = &workers->settings;
    struct gate_use gate = gate_look(settings->tools->gate);

    return (struct pace_signs){
        .workers = workers->working,
        .least = settings->least,
        .most = workers->most,
        .cpus = settings->cpus,
        .idle_cpus = gate.idle,
        .wait_for_cpu = gate.waiting,
        .more_items = queue_count(workers->queue) > 0,
        .throttled = settings->service && s3_service_is_throttled(settings->service),
        .short_of_memory = budget_is_short(settings->budget),
    };
}

static void grow_locked(struct workers *workers, const struct pace_signs *signs)
{
    struct error err;

    for (unsigned i = 0; i < GROWTH && workers->working < workers->most; i++) {
        if (!start_worker_locked(workers, &err)) {
            workers->most = workers->working;
            log_warning("no more than %u objects in flight: %s", workers->working, err.text);
            return;
        }
    }
    log_debug("%u objects in flight now: %s", workers->working, pace_reason(signs));
}

static bool may_retire_locked(struct workers *workers, const struct pace_signs *signs)
{
    int64_t now_ms = clock_monotonic_ms();

    if (now_ms - workers->shrunk_ms < SHRINK_INTERVAL_MS)
        return false;
    workers->shrunk_ms = now_ms;
    log_debug("%u objects in flight now: %s", workers->working - 1, pace_reason(signs));
    return true;
}

/* One more worker, or one less: then it is the one that asks, and true is returned. */
static bool keep_pace(struct workers *workers)
{
    struct pace_signs signs;
    enum pace pace;
    bool retires = false;

    if (workers->settings.least == workers->settings.most)
        return false;
    pthread_mutex_lock(&workers->lock);
    signs = look_around_locked(workers);
    pace = pace_of(&signs);
    if (pace == PACE_GROW)
        grow_locked(workers, &signs);
    else if (pace == PACE_SHRINK)
        retires = may_retire_locked(workers, &signs);
    pthread_mutex_unlock(&workers->lock);
    return retires;
}

static void *worker_main(void *arg)
{
    struct worker *worker = arg;
    struct workers *workers = worker->workers;
    struct job *job;

    crash_thread_begin();
    while ((job = queue_pop(workers->queue))) {
        work_on(worker, job);
        if (keep_pace(workers))
            break;
    }
    close_worker(worker);
    crash_thread_end();
    pthread_mutex_lock(&workers->lock);
    worker->state = WORKER_RETIRED;
    workers->working--;
    pthread_cond_signal(&workers->ended);
    pthread_mutex_unlock(&workers->lock);
    return NULL;
}

struct workers *workers_start(const struct workers_settings *settings, struct error *err)
{
    struct workers *workers = memory_new(1, sizeof(*workers));
    bool ok = true;

    workers->settings = *settings;
    workers->most = settings->most;
    workers->queue =
        queue_new((size_t)settings->most * QUEUED_PER_WORKER + QUEUED_BESIDES, settings->cancel);
    workers->members = memory_new(settings->most, sizeof(*workers->members));
    pthread_mutex_init(&workers->lock, NULL);
    pthread_cond_init(&workers->ended, NULL);
    pthread_mutex_lock(&workers->lock);
    while (ok && workers->working < settings->least)
        ok = start_worker_locked(workers, err);
    pthread_mutex_unlock(&workers->lock);
    if (!ok) {
        struct error later;

        cancel_stop(settings->cancel, 0);
        (void)workers_finish(workers, &later);
        workers_free(workers);
        return NULL;
    }
    return workers;
}

void workers_push(struct workers *workers, struct job *job)
{
    /* Only workers_finish closes the queue, so there always is a taker. */
    if (!queue_push(workers->queue, job))
        abort();
}

/* Only who works starts others, so from the end of the last one on there are none to come. */
static void join_all(struct workers *workers)
{
    pthread_mutex_lock(&workers->lock);
    while (workers->working > 0)
        pthread_cond_wait(&workers->ended, &workers->lock);
    pthread_mutex_unlock(&workers->lock);
    for (unsigned i = 0; i < workers->settings.most; i++) {
        struct worker *worker = &workers->members[i];

        if (worker->state == WORKER_RETIRED)
            pthread_join(worker->thread, NULL);
        worker->state = WORKER_NONE;
    }
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
    join_all(workers);
    if (workers->first_error.kind == ERROR_NONE)
        return true;
    *err = workers->first_error;
    return false;
}

void workers_free(struct workers *workers)
{
    if (!workers)
        return;
    pthread_cond_destroy(&workers->ended);
    pthread_mutex_destroy(&workers->lock);
    queue_free(workers->queue);
    free(workers->members);
    free(workers);
}
