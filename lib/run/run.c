/* SPDX-License-Identifier: MIT */

/* Sets a run up, feeds its workers and writes its results. */

#include "run/run.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/machine.h"
#include "base/memory.h"
#include "base/uuid.h"
#include "items/item_source.h"
#include "media/libav.h"
#include "run/demands.h"
#include "run/dry_run.h"
#include "run/feed.h"
#include "run/redrive.h"
#include "run/run_order.h"
#include "run/workers.h"

/* S3 allows up to 5 GB in one put, and Step Functions starts a new file there. */
#define RESULT_FILE_MAX 5000000000u

enum {
    FIRST_JOBS_PER_CPU = 3, /* while nothing is known of the network: one in, one on, one out */
    JOBS_PER_CPU_MAX = 64,
    JOBS_MAX = 1024,
    FILES_PER_JOB = 8, /* connections, spools and libcurl's own descriptors */
    MEMORY_SHARE = 2,  /* object bytes may take 1/2 of the memory */
};

/* Of the grace time, in percent; what is left is for taking part uploads back and for going away.
 */
enum { ITEMS_SHARE = 55, RESULTS_SHARE = 35 };

/* However short the grace time is, the results are worth so long. */
enum { RESULTS_LEAST_MS = 1000 };

struct run {
    const struct run_settings *settings;
    struct cancel *cancel;
    struct run_order order;
    struct s3_service *service; /* NULL when no S3 is in play */
    struct store *source;
    struct store *plan_place;    /* NULL without a plan */
    struct store *record_place;  /* NULL unless this is a redrive, as the next two */
    struct record_files records; /* what it goes on from */
    struct results_redrive generations;
    struct item_list list; /* empty without one */
    char *list_name;
    struct item_source *items;
    struct existing existing;
    struct transcode_demands demands;
    bool starts_empty; /* the destination, but for former results files */
    struct plan_settings plan_settings;
    struct plan *plan;
    struct record_run record_run;
    char id[UUID_SIZE];
    char folder[32];     /* of this shard's results */
    unsigned jobs_least; /* objects in flight */
    unsigned jobs_most;
    unsigned jobs; /* the most there were */
    unsigned cpus;
    uint64_t memory;
    struct budget budget;
    struct gate *gate;
    struct progress *progress;
    struct metrics *metrics;
    struct journal *journal; /* NULL: there is no place for one */
    struct name_set *done;   /* keys that an earlier attempt has done; NULL without a journal */
    struct results *results;
    int64_t start_ms;
};

/* From as many as are sure to be useful to as many as could be. */
static void choose_jobs(struct run *run)
{
    unsigned most = run->cpus * JOBS_PER_CPU_MAX;
    unsigned files = machine_open_files() / FILES_PER_JOB;

    if (most > JOBS_MAX)
        most = JOBS_MAX;
    if (most > files)
        most = files;
    run->jobs_least = run->cpus * FIRST_JOBS_PER_CPU;
    if (run->jobs_least > JOBS_MAX)
        run->jobs_least = JOBS_MAX;
    run->jobs_most = most > run->jobs_least ? most : run->jobs_least;
}

static void choose_limits(struct run *run)
{
    const struct run_settings *settings = run->settings;

    run->cpus = settings->cpus ? settings->cpus : machine_cpus();
    run->jobs_least = run->jobs_most = settings->jobs;
    if (!settings->jobs)
        choose_jobs(run);
    run->memory = settings->memory ? settings->memory : machine_memory() / MEMORY_SHARE;
}

static enum progress_display display_of(const struct run_settings *settings)
{
    if (settings->progress == WHEN_NEVER)
        return PROGRESS_HIDDEN;
    if (settings->progress == WHEN_ALWAYS || isatty(STDERR_FILENO))
        return PROGRESS_STATUS;
    return PROGRESS_LINES;
}

static bool uses_s3(const struct run_order *order)
{
    return order->items != ITEMS_LISTED || order->source.kind == LOCATION_S3 ||
           order->destination.kind == LOCATION_S3 || order->results.kind == LOCATION_S3;
}

/*
 * Looks before the first item whether results can go where they should. empty: whether nothing is
 * there yet, as far as we may ask; NULL: it does not matter.
 */
static bool check_writable(struct run *run, const struct location *location, bool *empty,
                           struct error *err)
{
    struct store *store = store_open(location, run->service, run->cancel, true, err);
    struct error refusal;
    bool ok = store && store_check(store, true, err);

    /* A policy may allow to write objects but not to ask about the bucket. */
    if (store && !ok && err->kind == ERROR_DENIED && location->kind == LOCATION_S3)
        ok = true;
    if (ok && empty && !store_is_empty(store, &run->order.results, empty, &refusal))
        *empty = false;
    store_close(store);
    return ok;
}

/* A local list may name objects in S3 or files only, so it is not known yet whether S3 is needed.
 */
static bool may_need_s3(const struct run_order *order)
{
    return order->items != ITEMS_LISTED && order->source.kind != LOCATION_S3 &&
           order->plan.kind != LOCATION_S3 && order->destination.kind != LOCATION_S3 &&
           order->results.kind != LOCATION_S3;
}

static bool open_places(struct run *run, struct error *err)
{
    const struct run_order *order = &run->order;

    if (uses_s3(order) && !run->service) {
        run->service = s3_service_new(&run->settings->s3, err);
        if (!run->service && !(err->kind == ERROR_AUTH && may_need_s3(order)))
            return false;
        if (!run->service)
            log_debug("no S3: %s", err->text);
    }
    run->source = store_open(&order->source, run->service, run->cancel, false, err);
    if (!run->source || run->settings->dry_run)
        return run->source != NULL;
    return check_writable(run, &order->destination, &run->starts_empty, err) &&
           check_writable(run, &order->results, NULL, err);
}

/*
 * Finds out whether an earlier attempt at the same run was cut off, and which id it had. Without a
 * place for a journal a run still works; it only cannot be gone on with.
 */
static bool open_journal(struct run *run, struct error *err)
{
    const struct location *results = &run->order.results;
    char *folder = results->kind == LOCATION_DIRECTORY ? memory_copy_text(results->container)
                                                       : journal_default_folder();
    char identity[RUN_IDENTITY_SIZE];

    if (run->settings->run_id)
        memcpy(run->id, run->settings->run_id, sizeof(run->id));
    if (folder && !run->settings->dry_run) {
        run_order_identity(&run->order, run->existing.recipe, identity);
        run->journal = journal_open(folder, identity, run->id, err);
        if (!run->journal && strcmp(err->word, "Avmap.RunIsActive") == 0) {
            free(folder);
            return false;
        }
        if (!run->journal)
            log_warning("%s; a killed run could not be gone on with", err->text);
    }
    free(folder);
    if (!run->id[0])
        uuid_random(run->id);
    return true;
}

/* Takes over what an earlier attempt has done. */
static bool resume(struct run *run, struct error *err)
{
    uint64_t count;

    if (!run->journal)
        return true;
    run->done = name_set_new();
    if (!results_resume(run->results, run->done, &count, err))
        return false;
    if (count)
        log_info("going on with the run %s, which was cut off: %" PRIu64 " items are done", run->id,
                 count);
    return true;
}

static void prepare(struct run *run)
{
    const struct run_order *order = &run->order;

    choose_limits(run);
    run->start_ms = clock_wall_ms();
    if (order->shard.count)
        snprintf(run->folder, sizeof(run->folder), "shard-%05u/", order->shard.index);
    run->plan_settings = (struct plan_settings){
        .source = &order->source,
        .destination = &order->destination,
        .selection = &run->settings->selection,
        .shard = order->items == ITEMS_PLAN ? (struct shard){ 0 } : order->shard,
        .naming = order->naming,
        .keys_repeat = order->items != ITEMS_LISTED || order->redrive,
        .keeps_index =
            order->redrive ? redrive_is_described(order->redrive) : order->items == ITEMS_PLAN,
    };
    run->plan = plan_new(&run->plan_settings);
    run->record_run = (struct record_run){
        .id = run->id,
        .region = run->service ? s3_service_region(run->service) : "local",
    };
    run->existing.times_decide = order->destination.kind == LOCATION_DIRECTORY;
    run->existing.nothing_is_there = run->starts_empty;
    budget_init(&run->budget, run->memory);
    run->gate = gate_new(run->cpus);
    run->results = results_new(&(struct results_settings){
        .place = &order->results,
        .run = &run->record_run,
        .journal = run->journal,
        .folder = run->folder,
        .format = run->settings->results_format,
        .max_file_size = RESULT_FILE_MAX,
        .redrive = order->redrive ? &run->generations : NULL,
    });
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
        .done = run->done,
        .max_items = run->settings->max_items,
        .cancel = run->cancel,
    };
}

/* What an earlier run left, and where its files are. */
static bool open_records(struct run *run, struct error *err)
{
    const struct run_order *order = &run->order;
    const struct redrive *redrive = order->redrive;
    bool in_s3 = order->source.kind == LOCATION_S3;

    run->record_place = store_open(&order->results, run->service, run->cancel, false, err);
    if (!run->record_place)
        return false;
    run->records = (struct record_files){ run->record_place, redrive->files, redrive->file_count,
                                          in_s3 ? order->source.container : NULL };
    run->generations =
        (struct results_redrive){ redrive->manifest.newest + 1, redrive->manifest.succeeded,
                                  redrive->manifest.map_run_arn };
    run->items = items_from_records(&run->records, err);
    return run->items != NULL;
}

static bool open_items(struct run *run, struct error *err)
{
    const struct run_order *order = &run->order;

    if (order->redrive)
        return open_records(run, err);
    if (order->items == ITEMS_LISTED) {
        run->items = items_from_listing(run->source, &order->results);
        return true;
    }
    if (order->items == ITEMS_PLAN) {
        run->plan_place = store_open(&order->plan, run->service, run->cancel, false, err);
        if (!run->plan_place)
            return false;
    }
    run->list_name = location_url(run->plan_place ? &order->plan : &order->source, order->list_key);
    run->list = (struct item_list){ .store = run->plan_place ? run->plan_place : run->source,
                                    .key = order->list_key,
                                    .name = run->list_name,
                                    .pointer = order->items_pointer };
    run->items = items_from_list(order->items, &run->list, err);
    return run->items != NULL;
}

/* Puts what would be done into summary->dry_run. */
static bool rehearse(struct run *run, struct run_summary *summary, struct error *err)
{
    struct feed feed = feed_of(run, run->items);
    struct dry_run dry_run = { 0 };
    bool ok = feed_dry_run(&feed, &run->order, &dry_run, err);

    progress_stop(run->progress);
    summary->counts = progress_read(run->progress);
    if (ok)
        summary->dry_run = dry_run_text(&dry_run, &run->order, &summary->counts);
    dry_run_release(&dry_run);
    return ok;
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
        .demands = run->demands,
        .backoff = &run->settings->backoff,
        .cancel = run->cancel,
        .item_timeout_ms = run->settings->item_timeout_ms,
        .gate = run->gate,
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
    struct error late;

    if (!workers)
        return false;
    (void)feed_workers(&feed, workers, &summary->error);
    if (!workers_finish(workers, &late) && summary->error.kind == ERROR_NONE)
        summary->error = late;
    summary->end = end_of(run, &summary->error);
    run->jobs = workers_peak(workers);
    workers_free(workers);
    return true;
}

static char *report(const struct run *run, const struct run_summary *summary, unsigned generation)
{
    const struct run_order *order = &run->order;
    struct run_report values = {
        .settings = run->settings,
        .run_id = run->id,
        .name = order->job.name,
        .compute = order->job.compute,
        .source = order->source_url,
        .destination = order->destination_url,
        .items = order->items,
        .generation = generation,
        .naming = &order->naming,
        .shard = order->shard,
        .recipe = &order->words,
        .jobs = run->jobs,
        .cpus = run->cpus,
        .memory = run->memory,
        .counts = summary->counts,
        .end = summary->end,
        .error = summary->error.kind == ERROR_NONE ? NULL : &summary->error,
        .start_ms = run->start_ms,
        .stop_ms = clock_wall_ms(),
    };

    return run_report_json(&values);
}

/* Results are written after a stop too, so they have time of their own when items have no more. */
static bool store_results(struct run *run, struct run_summary *summary, struct error *err)
{
    struct store *store;
    struct cancel finishing;
    unsigned generation = 0;
    bool ok;

    cancel_init_after(&finishing, run->cancel,
                      (int64_t)run->settings->grace_ms / 100 * RESULTS_SHARE, RESULTS_LEAST_MS);
    store = store_open(&run->order.results, run->service, &finishing, true, err);
    ok = store && (!run->order.redrive || results_claim(run->results, store, &generation, err));
    summary->report_json = report(run, summary, generation);
    ok = ok && results_finish(run->results, store, summary->report_json, err);
    store_close(store);
    return ok;
}

static void finish(struct run *run, struct run_summary *summary)
{
    struct error err;

    progress_stop(run->progress);
    summary->counts = progress_read(run->progress);
    if (store_results(run, summary, &err)) {
        summary->manifest_url = memory_copy_text(results_manifest_url(run->results));
        return;
    }
    log_error("%s", err.text);
    if (summary->end != RUN_CANNOT_WORK)
        summary->error = err;
    summary->end = RUN_CANNOT_WORK;
}

static void release(struct run *run)
{
    results_free(run->results);
    journal_close(run->journal);
    name_set_free(run->done);
    metrics_free(run->metrics);
    progress_free(run->progress);
    plan_free(run->plan);
    gate_free(run->gate);
    if (run->items)
        run->items->close(run->items);
    store_close(run->plan_place);
    store_close(run->record_place);
    free(run->list_name);
    store_close(run->source);
    s3_service_free(run->service);
    run_order_release(&run->order);
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
        finish(run, summary);
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
    recipe = recipe_parse(&run.order.words, err);
    if (!recipe || !run_order_check_names(&run.order, recipe, err))
        goto out;
    existing_init(&run.existing, settings->if_exists, run.order.all_words, run.order.all_count);
    if (!open_places(&run, err) || !open_items(&run, err) || !open_journal(&run, err))
        goto out;
    prepare(&run);
    if (!resume(&run, err))
        goto out;
    run.progress = progress_start(display_of(settings));
    if (settings->dry_run) {
        ok = rehearse(&run, summary, err);
        goto out;
    }
    ok = work_and_finish(&run, recipe, summary, err);

out:
    recipe_free(recipe);
    release(&run);
    return ok;
}

int64_t run_items_grace_ms(const struct run_settings *settings)
{
    return (int64_t)settings->grace_ms / 100 * ITEMS_SHARE;
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
