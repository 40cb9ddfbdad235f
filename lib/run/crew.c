/* SPDX-License-Identifier: MIT */

/* Starts and retires worker threads. */

#include "run/crew.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/crash.h"
#include "base/log.h"
#include "base/memory.h"
#include "run/pace.h"

enum {
    /* Begun at a time, so that what is too few is three times as many when each has had one more
     * item. */
    GROWTH = 2,
    /* What makes fewer necessary passes slowly, so a look at each item would take too many. */
    SHRINK_INTERVAL_MS = 500,
    /* Until the first items have come: a request to S3 takes some ten times as long. More than so
     * many are not begun before it is known that they help: each opens two connections. */
    RAMP_INTERVAL_MS = 5,
    RAMP_STEPS = 200,
    RAMP_PER_CPU = 16,
    /* Larger ones on average keep the CPUs busy for longer than the network takes. */
    RAMP_BYTES = 1024 * 1024,
};

enum worker_state { WORKER_NONE, WORKER_WORKS, WORKER_RETIRED };

struct worker {
    struct crew *crew;
    struct job_worker job;
    pthread_t thread;

    /* Guarded by the lock of crew. */
    enum worker_state state;
};

struct crew {
    struct crew_settings settings;
    struct workers_settings bounds;
    struct worker *members;
    pthread_t ramp;
    bool has_ramp;
    pthread_mutex_t lock;
    pthread_cond_t ended;

    /* Guarded by lock. */
    unsigned working;
    unsigned most;     /* lowered when no more can be started */
    int64_t shrunk_ms; /* clock_monotonic_ms; when the last one retired */
    uint64_t announced;
    uint64_t announced_bytes;
    bool closing;
};

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
    filter_spare_release(&job->spare);
}

static bool open_worker(struct crew *crew, struct worker *worker, struct error *err)
{
    const struct workers_settings *settings = &crew->bounds;
    const struct job_tools *tools = settings->tools;
    struct job_worker *job = &worker->job;

    worker->crew = crew;
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

static bool start_worker_locked(struct crew *crew, struct error *err)
{
    struct worker *worker = crew->members;
    int failure;

    while (worker->state == WORKER_WORKS)
        worker++;
    if (worker->state == WORKER_RETIRED)
        pthread_join(worker->thread, NULL);
    worker->state = WORKER_NONE;
    if (!open_worker(crew, worker, err))
        return false;
    failure = pthread_create(&worker->thread, NULL, worker_main, worker);
    if (failure) {
        close_worker(worker);
        return error_set_errno(err, ERROR_LOCAL, failure, "start a worker; lower --jobs");
    }
    worker->state = WORKER_WORKS;
    crew->working++;
    return true;
}

static struct pace_signs look_around_locked(const struct crew *crew)
{
    const struct workers_settings *settings = &crew->bounds;
    struct gate_use gate = gate_look(settings->tools->gate);

    return (struct pace_signs){
        .workers = crew->working,
        .least = settings->least,
        .most = crew->most,
        .cpus = settings->cpus,
        .idle_cpus = gate.idle,
        .wait_for_cpu = gate.waiting,
        .more_items = queue_count(crew->settings.queue) > 0,
        .throttled = settings->service && s3_service_is_throttled(settings->service),
        .short_of_memory = budget_is_short(settings->budget),
    };
}

static void grow_locked(struct crew *crew, const struct pace_signs *signs)
{
    struct error err;

    for (unsigned i = 0; i < GROWTH && crew->working < crew->most; i++) {
        if (!start_worker_locked(crew, &err)) {
            crew->most = crew->working;
            log_warning("no more than %u objects in flight: %s", crew->working, err.text);
            return;
        }
    }
    log_debug("%u objects in flight now: %s", crew->working, pace_reason(signs));
}

static bool may_retire_locked(struct crew *crew, const struct pace_signs *signs)
{
    int64_t now_ms = clock_monotonic_ms();

    if (now_ms - crew->shrunk_ms < SHRINK_INTERVAL_MS)
        return false;
    crew->shrunk_ms = now_ms;
    log_debug("%u objects in flight now: %s", crew->working - 1, pace_reason(signs));
    return true;
}

/* One more worker, or one less: then it is the one that asks, and true is returned. */
static bool keep_pace(struct crew *crew)
{
    struct pace_signs signs;
    enum pace pace;
    bool retires = false;

    if (crew->bounds.least == crew->bounds.most)
        return false;
    pthread_mutex_lock(&crew->lock);
    signs = look_around_locked(crew);
    pace = pace_of(&signs);
    if (pace == PACE_GROW)
        grow_locked(crew, &signs);
    else if (pace == PACE_SHRINK)
        retires = may_retire_locked(crew, &signs);
    pthread_mutex_unlock(&crew->lock);
    return retires;
}

static void *worker_main(void *arg)
{
    struct worker *worker = arg;
    struct crew *crew = worker->crew;
    struct job *job;

    crash_thread_begin();
    while ((job = queue_pop(crew->settings.queue))) {
        crew->settings.work(crew->settings.owner, &worker->job, job);
        if (keep_pace(crew))
            break;
    }
    close_worker(worker);
    crash_thread_end();
    pthread_mutex_lock(&crew->lock);
    worker->state = WORKER_RETIRED;
    crew->working--;
    pthread_cond_signal(&crew->ended);
    pthread_mutex_unlock(&crew->lock);
    return NULL;
}

/*
 * While nothing has come yet, no item ends by which the pace could be seen; but that the CPUs are
 * idle can. False: they are not, or there is no more to see.
 */
static bool ramp_up(struct crew *crew)
{
    struct pace_signs signs;
    bool goes_on;

    pthread_mutex_lock(&crew->lock);
    signs = look_around_locked(crew);
    goes_on = (signs.more_items || !crew->closing) && signs.idle_cpus == signs.cpus &&
              signs.workers < RAMP_PER_CPU * signs.cpus &&
              crew->announced_bytes <= RAMP_BYTES * crew->announced;
    if (goes_on && pace_of(&signs) == PACE_GROW)
        grow_locked(crew, &signs);
    pthread_mutex_unlock(&crew->lock);
    return goes_on;
}

static void *ramp_main(void *arg)
{
    struct crew *crew = arg;
    int steps = 0;

    while (steps++ < RAMP_STEPS && cancel_sleep(crew->bounds.cancel, RAMP_INTERVAL_MS) &&
           ramp_up(crew))
        continue;
    return NULL;
}

bool crew_start(struct crew **crew, const struct crew_settings *settings, struct error *err)
{
    struct crew *made = memory_new(1, sizeof(*made));
    bool ok = true;

    made->settings = *settings;
    made->bounds = *settings->workers;
    made->most = made->bounds.most;
    made->members = memory_new(made->most, sizeof(*made->members));
    pthread_mutex_init(&made->lock, NULL);
    pthread_cond_init(&made->ended, NULL);
    *crew = made;
    pthread_mutex_lock(&made->lock);
    while (ok && made->working < made->bounds.least)
        ok = start_worker_locked(made, err);
    pthread_mutex_unlock(&made->lock);
    return ok;
}

void crew_announce(struct crew *crew, uint64_t bytes)
{
    bool is_first;

    pthread_mutex_lock(&crew->lock);
    is_first = crew->announced++ == 0;
    crew->announced_bytes += bytes;
    pthread_mutex_unlock(&crew->lock);
    if (is_first && crew->bounds.least < crew->bounds.most) /* without it, it takes longer */
        crew->has_ramp = pthread_create(&crew->ramp, NULL, ramp_main, crew) == 0;
}

void crew_join(struct crew *crew)
{
    pthread_mutex_lock(&crew->lock);
    crew->closing = true;
    pthread_mutex_unlock(&crew->lock);
    if (crew->has_ramp)
        pthread_join(crew->ramp, NULL);
    crew->has_ramp = false;
    /* Only who works starts others, so from the end of the last one on there are none to come. */
    pthread_mutex_lock(&crew->lock);
    while (crew->working > 0)
        pthread_cond_wait(&crew->ended, &crew->lock);
    pthread_mutex_unlock(&crew->lock);
    for (unsigned i = 0; i < crew->bounds.most; i++) {
        struct worker *worker = &crew->members[i];

        if (worker->state == WORKER_RETIRED)
            pthread_join(worker->thread, NULL);
        worker->state = WORKER_NONE;
    }
}

void crew_free(struct crew *crew)
{
    if (!crew)
        return;
    pthread_cond_destroy(&crew->ended);
    pthread_mutex_destroy(&crew->lock);
    free(crew->members);
    free(crew);
}
