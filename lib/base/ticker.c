/* SPDX-License-Identifier: MIT */

/* A thread that calls a function now and then. */

#include "base/ticker.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/memory.h"

struct ticker {
    int64_t interval_ms;
    void (*tick)(void *arg);
    void *arg;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t stopped;

    /* Guarded by lock. */
    bool stopping;
};

/* Waits for the next time to call; false when there is none. */
static bool wait_for_turn(struct ticker *ticker)
{
    int64_t turn_ms = clock_monotonic_ms() + ticker->interval_ms;
    struct timespec turn = { .tv_sec = turn_ms / 1000, .tv_nsec = turn_ms % 1000 * 1000000 };
    bool stopping;

    pthread_mutex_lock(&ticker->lock);
    while (!ticker->stopping && clock_monotonic_ms() < turn_ms)
        pthread_cond_timedwait(&ticker->stopped, &ticker->lock, &turn);
    stopping = ticker->stopping;
    pthread_mutex_unlock(&ticker->lock);
    return !stopping;
}

static void *ticker_main(void *arg)
{
    struct ticker *ticker = arg;

    while (wait_for_turn(ticker))
        ticker->tick(ticker->arg);
    return NULL;
}

static void release(struct ticker *ticker)
{
    pthread_cond_destroy(&ticker->stopped);
    pthread_mutex_destroy(&ticker->lock);
    free(ticker);
}

struct ticker *ticker_start(int64_t interval_ms, void (*tick)(void *arg), void *arg)
{
    struct ticker *ticker = memory_new(1, sizeof(*ticker));
    pthread_condattr_t monotonic;

    ticker->interval_ms = interval_ms;
    ticker->tick = tick;
    ticker->arg = arg;
    pthread_mutex_init(&ticker->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&ticker->stopped, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (pthread_create(&ticker->thread, NULL, ticker_main, ticker) == 0)
        return ticker;
    release(ticker);
    return NULL;
}

void ticker_stop(struct ticker *ticker)
{
    if (!ticker)
        return;
    pthread_mutex_lock(&ticker->lock);
    ticker->stopping = true;
    pthread_cond_signal(&ticker->stopped);
    pthread_mutex_unlock(&ticker->lock);
    pthread_join(ticker->thread, NULL);
    release(ticker);
}
