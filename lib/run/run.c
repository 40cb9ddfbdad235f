/* SPDX-License-Identifier: MIT */

/* Lists and works. */

#include "run/run.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "media/libav.h"
#include "run/census.h"
#include "run/demands.h"
#include "run/dry_run.h"
#include "run/feed.h"
#include "run/own_results.h"
#include "run/redrive.h"
#include "run/run_parts.h"
#include "run/workers.h"

static enum progress_display display_of(const struct run_settings *settings)
{
    if (settings->progress == WHEN_NEVER)
        return PROGRESS_HIDDEN;
    if (settings->progress == WHEN_ALWAYS || isatty(STDERR_FILENO))
        return PROGRESS_STATUS;
    return PROGRESS_LINES;
}

static enum run_end end_of(const struct run *run, const struct error *err)
{
    if (err->kind == ERROR_TOLERANCE)
        return RUN_TOLERANCE_EXCEEDED;
    if (err->kind != ERROR_NONE)
        return RUN_CANNOT_WORK;
    return cancel_stopping(run->cancel) ? RUN_INTERRUPTED : RUN_FINISHED;
}

static struct feed feed_of(struct run *run, struct item_source *source)
{
    return (struct feed){
        .source = source,
        .source_url = run->order.redrive ? run->order.redrive->manifest.url : run->order.source_url,
        .skips_unreadable = run->order.items == ITEMS_LISTED && !run->order.redrive &&
                            run->order.source.kind == LOCATION_DIRECTORY,
        .plan = run->plan,
        .books = { &run->order.source, run->results, run->progress },
        .earlier = run->journal ? &run->earlier : NULL,
        .max_items = run->settings->max_items,
        .cancel = run->cancel,
    };
}

/* Puts what would be done into summary->dry_run. */
static bool rehearse(struct run *run, struct run_summary *summary, struct error *err)
{
    struct feed feed = feed_of(run, run->items);
    struct dry_run dry_run = { .asks = run->settings->if_exists != IF_EXISTS_OVERWRITE };
    bool ok = feed_dry_run(&feed, &run->order, &dry_run, err);

    progress_stop(run->progress);
    summary->counts = progress_read(run->progress);
    if (ok)
        summary->dry_run = dry_run_text(&dry_run, &run->order, &summary->counts);
    dry_run_release(&dry_run);
    return ok;
}

static void finish_workers(struct workers *workers, struct run_summary *summary)
{
    struct error err;

    if (!workers_finish(workers, &err) && summary->error.kind == ERROR_NONE)
        summary->error = err;
    workers_free(workers);
}

/* One at a time, so that it is clear which of them crashes. */
static void work_alone(struct workers_settings *settings, const struct feed *feed,
                       struct feed_aside *aside, struct run_summary *summary)
{
    struct workers *workers;
    struct error err;

    if (aside->count == 0)
        return;
    settings->least = settings->most = 1;
    workers = workers_start(settings, &err);
    if (workers) {
        feed_workers_aside(aside, workers);
        finish_workers(workers, summary);
        return;
    }
    feed_give_up_aside(feed, aside);
    if (summary->error.kind == ERROR_NONE)
        summary->error = err;
}

/* Lists and works. What could not go on is in summary->error. */
static bool work(struct run *run, struct recipe *recipe, struct run_summary *summary,
                 struct error *err)
{
    struct job_tools tools = {
        .recipe = recipe,
        .source = &run->order.source,
        .destination = &run->order.destination,
        .existing = &run->existing,
        .claims = run->claims,
        .demands = run->demands,
        .backoff = &run->settings->backoff,
        .cancel = run->cancel,
        .item_timeout_ms = run->settings->item_timeout_ms,
        .gate = run->gate,
        .cpus = run->cpus,
        .books = { &run->order.source, run->results, run->progress },
    };
    struct workers_settings settings = {
        .tools = &tools,
        .service = run->service,
        .budget = &run->budget,
        .cancel = run->cancel,
        .failure_budget = &run->settings->failure_budget,
        .least = run->jobs_least,
        .most = run->jobs_most,
        .cpus = run->cpus,
    };
    struct workers *workers = workers_start(&settings, err);
    struct feed feed = feed_of(run, run->items);
    struct feed_aside aside = { 0 };
    struct census *census;

    if (!workers)
        return false;
    census = census_start(run, &feed);
    (void)feed_workers(&feed, workers, &aside, &summary->error);
    finish_workers(workers, summary);
    work_alone(&settings, &feed, &aside, summary);
    census_free(census);
    summary->end = end_of(run, &summary->error);
    return true;
}

static bool start_metrics(struct run *run, struct error *err)
{
    return metrics_start(run->metrics,
                         &(struct metrics_run){
                             .progress = run->progress,
                             .service = run->service,
                             .id = run->id,
                             .shard = run->order.shard,
                             .start_ms = run->start_ms,
                         },
                         err);
}

static bool work_and_finish(struct run *run, struct recipe *recipe, struct run_summary *summary,
                            struct error *err)
{
    bool ok = start_metrics(run, err) && work(run, recipe, summary, err);

    if (ok && summary->end == RUN_CANNOT_WORK && progress_read(run->progress).total == 0) {
        *err = summary->error; /* such as no such bucket: there is nothing to write results of */
        ok = false;
    }
    if (ok)
        run_end_finish(run, summary);
    else
        progress_stop(run->progress);
    metrics_finish(run->metrics);
    return ok;
}

bool run(const struct run_settings *settings, struct cancel *cancel, struct run_summary *summary,
         struct error *err)
{
    struct run run = { .settings = settings, .cancel = cancel };
    struct recipe *recipe = NULL;
    bool ok = false;

    *summary = (struct run_summary){ 0 };
    libav_init();
    run.metrics = metrics_new(&settings->metrics, err);
    if (!run.metrics || !demands_read(&run.demands, settings, err) ||
        !run_order_read(&run.order, settings, cancel, err))
        goto out;
    if (!run_lists_read(&run.lists, settings, &run.order, err))
        goto out;
    recipe = recipe_parse(&run.order.words, err);
    if (!recipe || !run_order_check_names(&run.order, recipe, err) ||
        !own_results_refuse(&run.order, &settings->selection, recipe, err))
        goto out;
    existing_init(&run.existing, settings->if_exists, run.order.all_words, run.order.all_count);
    if (!run_places_open(&run, err) || !run_places_open_items(&run, err) ||
        !run_setup_open_journal(&run, err))
        goto out;
    run_setup_prepare(&run);
    if (!run_setup_resume(&run, err))
        goto out;
    run_setup_watch_uploads(&run);
    run.progress = progress_start(display_of(settings));
    if (settings->dry_run) {
        ok = rehearse(&run, summary, err);
        goto out;
    }
    ok = work_and_finish(&run, recipe, summary, err);

out:
    recipe_free(recipe);
    run_setup_release(&run);
    return ok;
}

int64_t run_items_grace_ms(const struct run_settings *settings)
{
    return (int64_t)settings->grace_ms / 100 * RUN_ITEMS_SHARE;
}

char *run_libraries(void)
{
    char *media = libav_versions();
    char *text = memory_format("%s\n%s", media, s3_service_libraries());

    free(media);
    return text;
}

void run_summary_release(struct run_summary *summary)
{
    free(summary->report_json);
    free(summary->manifest_url);
    free(summary->dry_run);
    *summary = (struct run_summary){ 0 };
}
