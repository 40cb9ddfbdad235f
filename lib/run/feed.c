/* SPDX-License-Identifier: MIT */

/* Turns items into jobs. */

#include "run/feed.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/memory.h"

/* Whether the item is picked; what is not is counted. */
static bool pick(const struct feed *feed, const struct item *item)
{
    struct progress *progress = feed->books.progress;
    const char *key = item->object.key;

    switch (plan_judge(feed->plan, item)) {
    case SELECTION_FOLDER_MARKER:
        if (!feed->is_silent)
            log_debug("skipped, a folder marker: %s", key);
        progress_folder_marker(progress);
        return false;
    case SELECTION_EMPTY:
        if (!feed->is_silent)
            log_debug("skipped, no bytes: %s", key);
        progress_empty_object(progress);
        return false;
    case SELECTION_NOT_WANTED:
        progress_not_wanted(progress);
        return false;
    case SELECTION_OTHER_SHARD:
        return false;
    case SELECTION_PICKED:
        break;
    }
    progress_listed(progress);
    return true;
}

/* The next picked item as a job for the caller to free; NULL with *found false at the end. */
static struct job *next_job(const struct feed *feed, bool *found, struct error *err)
{
    struct job *job = memory_new(1, sizeof(*job));

    for (;;) {
        *found = false;
        if (cancel_abandoned(feed->cancel))
            break;
        if (!feed->source->next(feed->source, &job->item, found, err)) {
            error_prefix(err, "list %s", feed->source_url);
            *found = false; /* whatever a failed call made of it */
            if (!feed->skips_unreadable || error_ends_run(err))
                break;
            if (!feed->is_silent)
                log_error("%s", err->text);
            progress_unlisted(feed->books.progress);
            *err = (struct error){ 0 };
            continue;
        }
        if (!*found || pick(feed, &job->item))
            break;
        item_release(&job->item);
    }
    if (*found)
        return job;
    job_free(job);
    return NULL;
}

/* Calls take for each job until the items or max_items end. */
static bool for_each_job(const struct feed *feed,
                         bool (*take)(const struct feed *feed, struct job *job, void *context,
                                      struct error *err),
                         void *context, struct error *err)
{
    struct error failure = { 0 };
    bool found = true;

    for (uint64_t count = 0; !feed->max_items || count < feed->max_items; count++) {
        struct job *job = next_job(feed, &found, &failure);

        if (!job)
            break;
        if (!take(feed, job, context, err))
            return false;
    }
    if (cancel_abandoned(feed->cancel))
        return true; /* the stop cut it off, which its summary says */
    if (failure.kind == ERROR_NONE) {
        progress_listing_complete(feed->books.progress);
        return true;
    }
    *err = failure;
    return false;
}

/* Notes what the journal says of the job; false when it is known to crash. */
static bool look_at_earlier(const struct feed *feed, struct job *job, struct error *failure)
{
    char *identity;
    bool crashes;

    if (!feed->earlier)
        return true;
    identity = item_identity(&job->item);
    job->done = name_set_has(feed->earlier->done, identity);
    job->suspect = name_set_has(feed->earlier->suspect, identity);
    crashes = job->suspect && name_set_has(feed->earlier->crashes, identity);
    free(identity);
    if (!crashes)
        return true;
    return error_set(failure, ERROR_MEDIA, "Media.Crash",
                     "a library crashed twice while this was at work, the second time with nothing "
                     "else; see whether ffmpeg does, and with which version it does not");
}

struct takers {
    struct workers *workers;
    struct feed_aside *aside;
};

static void take(const struct takers *takers, struct job *job)
{
    struct feed_aside *aside = takers->aside;

    if (!job->suspect) {
        workers_push(takers->workers, job);
        return;
    }
    log_set_job(job->item.object.key);
    log_warning("was at work when a library crashed; it is tried again at the end, alone");
    log_set_job(NULL);
    aside->jobs = memory_grow(aside->jobs, aside->count + 1, sizeof(struct job *));
    aside->jobs[aside->count++] = job;
}

static bool give_to_workers(const struct feed *feed, struct job *job, void *context,
                            struct error *err)
{
    struct error failure;
    bool ok = true;

    if (plan_job(feed->plan, job, &failure) && look_at_earlier(feed, job, &failure)) {
        take(context, job);
        return true;
    }
    if (error_ends_run(&failure)) {
        *err = failure;
        ok = false;
    } else {
        log_set_job(job->item.object.key);
        ok = job_record_failure(&feed->books, job, &failure, err);
        log_set_job(NULL);
    }
    job_free(job);
    return ok;
}

bool feed_workers(const struct feed *feed, struct workers *workers, struct feed_aside *aside,
                  struct error *err)
{
    struct takers takers = { workers, aside };

    return for_each_job(feed, give_to_workers, &takers, err);
}

void feed_workers_aside(struct feed_aside *aside, struct workers *workers)
{
    for (size_t i = 0; i < aside->count; i++)
        workers_push(workers, aside->jobs[i]);
    free(aside->jobs);
    *aside = (struct feed_aside){ 0 };
}

void feed_give_up_aside(const struct feed *feed, struct feed_aside *aside)
{
    struct error err;

    for (size_t i = 0; i < aside->count; i++) {
        if (!job_record_pending(&feed->books, aside->jobs[i], &err))
            log_error("%s", err.text);
        job_free(aside->jobs[i]);
    }
    free(aside->jobs);
    *aside = (struct feed_aside){ 0 };
}

static bool drop(const struct feed *feed, struct job *job, void *context, struct error *err)
{
    (void)feed;
    (void)context;
    (void)err;
    job_free(job);
    return true;
}

bool feed_count(const struct feed *feed, struct error *err)
{
    return for_each_job(feed, drop, NULL, err);
}

struct rehearsal {
    const struct run_order *order;
    struct dry_run *dry_run;
};

static bool give_to_dry_run(const struct feed *feed, struct job *job, void *context,
                            struct error *err)
{
    struct rehearsal *rehearsal = context;
    struct error failure;
    bool planned = plan_job(feed->plan, job, &failure);
    bool ok = planned || !error_ends_run(&failure);

    if (ok)
        dry_run_add(rehearsal->dry_run, rehearsal->order, job, planned ? NULL : &failure);
    else
        *err = failure;
    job_free(job);
    return ok;
}

bool feed_dry_run(const struct feed *feed, const struct run_order *order, struct dry_run *dry_run,
                  struct error *err)
{
    struct rehearsal rehearsal = { order, dry_run };

    return for_each_job(feed, give_to_dry_run, &rehearsal, err);
}
