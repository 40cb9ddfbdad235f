/* SPDX-License-Identifier: MIT */

/* A second look at what a run is going to do. */

#include "run/census.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/memory.h"

struct census {
    struct run run; /* what it opens is its own, and the rest borrowed */
    struct cancel cancel;
    struct feed feed;
    struct plan_settings plan_settings;
    struct progress *told;
    pthread_t thread;
};

static bool is_needed(const struct failure_budget *budget)
{
    return budget->percentage > 0 && budget->percentage < 100;
}

static void *count(void *arg)
{
    struct census *census = arg;
    struct progress_counts counts;
    struct error err;

    if (!feed_count(&census->feed, &err)) {
        log_debug("the items could not be counted ahead: %s", err.text);
        return NULL;
    }
    counts = progress_read(census->feed.books.progress);
    if (counts.listing_complete)
        progress_foreseen(census->told, counts.total);
    return NULL;
}

static void release(struct census *census)
{
    progress_free(census->feed.books.progress);
    plan_free(census->feed.plan);
    run_places_close_items(&census->run);
    cancel_release(&census->cancel);
    free(census);
}

static bool open_items(struct census *census, struct error *err)
{
    struct run *run = &census->run;

    run->cancel = &census->cancel;
    run->items = NULL;
    run->plan_place = run->record_place = NULL;
    run->list_name = NULL;
    run->source = store_open(&run->order.source, run->service, run->cancel, false, err);
    return run->source && run_places_open_items(run, err);
}

struct census *census_start(const struct run *run, const struct feed *feed)
{
    struct census *census;
    struct error err;

    if (!is_needed(&run->settings->failure_budget))
        return NULL;
    census = memory_new(1, sizeof(*census));
    if (!cancel_init(&census->cancel)) {
        free(census);
        return NULL;
    }
    census->run = *run;
    census->told = feed->books.progress;
    /* Names and their collisions are the workers' business. */
    census->plan_settings = run->plan_settings;
    census->plan_settings.keys_repeat = false;
    census->plan_settings.naming = (struct naming){ .template = "{path}", .suffix = "" };
    census->feed = *feed;
    census->feed.plan = plan_new(&census->plan_settings);
    census->feed.books.progress = progress_start(PROGRESS_HIDDEN);
    census->feed.cancel = &census->cancel;
    census->feed.is_silent = true;
    if (!open_items(census, &err)) {
        log_debug("the items cannot be counted ahead: %s", err.text);
        release(census);
        return NULL;
    }
    census->feed.source = census->run.items;
    if (pthread_create(&census->thread, NULL, count, census) != 0) {
        release(census);
        return NULL;
    }
    return census;
}

void census_free(struct census *census)
{
    if (!census)
        return;
    cancel_stop(&census->cancel, 0);
    pthread_join(census->thread, NULL);
    release(census);
}
