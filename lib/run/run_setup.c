/* SPDX-License-Identifier: MIT */

/* Sets a run up and takes it down. */

#include "run/run_parts.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crash.h"
#include "base/gate.h"
#include "base/log.h"
#include "base/machine.h"
#include "base/memory.h"
#include "base/uuid.h"
#include "run/redrive.h"
#include "run/run_identity.h"
#include "run/upload_sweep.h"

/* S3 allows up to 5 GB in one put, and Step Functions starts a new file there. */
#define RESULT_FILE_MAX 5000000000u

enum {
    FIRST_JOBS_PER_CPU = 3, /* while nothing is known of the network: one in, one on, one out */
    JOBS_PER_CPU_MAX = 64,
    JOBS_MAX = 1024,
    FILES_PER_JOB = 8, /* connections, spools and libcurl's own descriptors */
    MEMORY_SHARE = 2,  /* object bytes may take 1/2 of the memory */
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

/* All shards of a run need one id, and an array job has one to make it of. */
static void share_id(struct run *run)
{
    char host[HOST_NAME_MAX + 1] = "";
    char *job;

    gethostname(host, sizeof(host) - 1);
    job = shard_array_job(host);
    if (job) {
        run_identity_of_array(&run->order, run->settings, job, run->id);
        log_info("this array job's run has the id %s", run->id);
    } else if (!run->settings->dry_run) {
        log_warning("without --run-id each shard has an id of its own, and merge cannot join them");
    }
    free(job);
}

bool run_setup_open_journal(struct run *run, struct error *err)
{
    const struct location *results = &run->order.results;
    char *folder = results->kind == LOCATION_DIRECTORY ? memory_copy_text(results->container)
                                                       : journal_default_folder();
    char identity[RUN_IDENTITY_SIZE];

    if (run->settings->run_id)
        memcpy(run->id, run->settings->run_id, sizeof(run->id));
    else if (run->order.shard.count)
        share_id(run);
    if (folder && !run->settings->dry_run) {
        run_identity(&run->order, run->settings, run->existing.recipe, identity);
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

/* A job description that came through a pipe has been read. */
static bool can_begin_anew(const struct run *run)
{
    const char *job = run->settings->job;
    struct stat status;

    return !job || (strcmp(job, "-") != 0 && (stat(job, &status) != 0 || S_ISREG(status.st_mode)));
}

bool run_setup_resume(struct run *run, struct error *err)
{
    if (!run->journal)
        return true;
    earlier_keys_init(&run->earlier);
    if (!results_resume(run->results, &run->earlier, err))
        return false;
    if (run->earlier.done_count)
        log_info("going on with the run %s, which was cut off: %" PRIu64 " items are done", run->id,
                 run->earlier.done_count);
    crash_begin(journal_file(run->journal), can_begin_anew(run), run->cancel);
    return true;
}

/* Where nothing is, not even results, no run was before, so a first one asks for nothing. */
static bool may_be_first(const struct run *run)
{
    return run->contents == CONTENTS_NONE &&
           location_contains(&run->order.destination, &run->order.results);
}

void run_setup_watch_uploads(struct run *run)
{
    const struct run_order *order = &run->order;
    const struct upload_sweep sweep = { &order->results, &order->destination, run->service,
                                        run->cancel };
    struct s3_upload_notes notes;

    if (run->settings->dry_run || !run->service ||
        (order->destination.kind != LOCATION_S3 && order->results.kind != LOCATION_S3))
        return;
    run->upload_notes = upload_notes_new(&order->results, run->service, run->cancel);
    if (!may_be_first(run))
        upload_notes_sweep_now(run->upload_notes, &sweep);
    notes = upload_notes_for_s3(run->upload_notes);
    s3_service_set_notes(run->service, &notes);
}

/* Each attempt at a shard has a folder of its own: two may live at once, and know nothing of each
 * other. */
static void name_folder(struct run *run)
{
    char unique[UUID_SIZE];

    uuid_random(unique);
    snprintf(run->folder, sizeof(run->folder), "shard-%05u-%.8s/", run->order.shard.index, unique);
}

void run_setup_prepare(struct run *run)
{
    const struct run_order *order = &run->order;

    choose_limits(run);
    run->start_ms = clock_wall_ms();
    if (order->shard.count)
        name_folder(run);
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
    run->claims = name_claims_new();
    run->record_run = (struct record_run){
        .id = run->id,
        .region = run->service ? s3_service_region(run->service) : "local",
    };
    run->existing.nothing_is_there = run->contents != CONTENTS_SOME;
    budget_init(&run->budget, run->memory);
    memory_share(run->cpus);
    machine_work_in_batch();
    run->gate = gate_new(run->cpus);
    run->results = results_new(&(struct results_settings){
        .place = &order->results,
        .run = &run->record_run,
        .journal = run->journal,
        .completion = run->lists.completion,
        .folder = run->folder,
        .format = run->settings->results_format,
        .max_file_size = RESULT_FILE_MAX,
        .redrive = order->redrive ? &run->generations : NULL,
    });
}

void run_setup_release(struct run *run)
{
    upload_notes_free(run->upload_notes);
    results_free(run->results);
    run_lists_release(&run->lists);
    crash_end();
    journal_close(run->journal);
    earlier_keys_release(&run->earlier);
    metrics_free(run->metrics);
    progress_free(run->progress);
    plan_free(run->plan);
    name_claims_free(run->claims);
    gate_free(run->gate);
    run_places_close_items(run);
    s3_service_free(run->service);
    run_order_release(&run->order);
    demands_release(&run->demands);
}
