/* SPDX-License-Identifier: MIT */

/* Carries one item from source to record. */

#include "run/job.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/crash.h"
#include "base/log.h"
#include "base/memory.h"
#include "run/cpu_share.h"
#include "run/job_end.h"
#include "run/job_others.h"
#include "store/store_input.h"

/* What a list does not say of its items is asked for here, where many ask at once. */
static bool look_up(struct job_worker *worker, struct job *job, struct error *err)
{
    if (!job->item.object.needs_look_up)
        return true;
    if (store_look_up(worker->source, &job->item.object, err))
        return true;
    error_prefix(err, "look up");
    return false;
}

/* Of a large object only the beginning: the rest comes while it is transcoded. */
static bool download(struct job_attempt *attempt, struct error *err)
{
    const struct reader_waits waits = job_turn_waits(&attempt->turn);
    struct job_worker *worker = attempt->worker;
    int64_t begin_ms = clock_monotonic_ms();
    struct reader reader;
    char byte;
    size_t got;
    bool ok;

    attempt->input =
        store_input_open(worker->source, &attempt->job->item.object, &worker->input, &waits, err);
    ok = attempt->input != NULL;
    if (ok) {
        reader = store_input_reader(attempt->input);
        ok = reader_read(&reader, 0, &byte, 1, &got, err);
    }
    attempt->spent.downloading_ms = clock_monotonic_ms() - begin_ms;
    if (!ok)
        error_prefix(err, "download");
    return ok;
}

/*
 * When the first thing that a run asks of S3 for a result is refused, so will be all others: that
 * is the destination's fault, not the item's. A folder was looked at before the run.
 */
static void judge_refusal(const struct job_tools *tools, struct error *err)
{
    if (err->kind == ERROR_DENIED && tools->destination->kind == LOCATION_S3 &&
        progress_read(tools->books.progress).by_outcome[OUTCOME_SUCCEEDED] == 0)
        err->kind = ERROR_LOCAL;
}

/* An upload that failed, in the middle of the transcode or at its end. Returns false. */
static bool judge_upload(const struct job_attempt *attempt, struct error *err)
{
    judge_refusal(attempt->worker->tools, err);
    error_prefix(err, "upload");
    if (attempt->put.written_twice)
        attempt->job->collects = true;
    return false;
}

/* A large result goes to its place while it is made, unless it is to be looked at afterwards. */
static void open_result(struct job_attempt *attempt)
{
    struct job_worker *worker = attempt->worker;
    const struct job_tools *tools = worker->tools;
    const struct job *job = attempt->job;

    existing_source_version(&job->item.object, attempt->version, sizeof(attempt->version));
    attempt->put_request = (struct store_put_request){
        .content_type = recipe_content_type(tools->recipe, job->key),
        .source_etag = attempt->version,
        .recipe = tools->existing->recipe,
        .only_new = tools->existing->rule == IF_EXISTS_FAIL,
    };
    store_write_open(&attempt->put, worker->destination, job->key, &attempt->put_request,
                     &worker->output);
    attempt->put.waits = job_turn_upload_waits(&attempt->turn);
    attempt->put.collects = job->collects || tools->demands.quality;
}

static bool transcode_gated(struct job_attempt *attempt, struct error *err)
{
    struct job_worker *worker = attempt->worker;
    const struct job_tools *tools = worker->tools;
    const struct transcode_input input = { attempt->job->item.object.key,
                                           store_input_reader(attempt->input) };
    struct job_others others = { tools->source, worker->source, &attempt->job->item.object };
    const struct input_fetcher fetcher = { job_others_fetch, &others, worker->input.budget };
    struct progress_counts counts;
    struct transcode_request request = {
        .recipe = tools->recipe,
        .inputs = &input,
        .fetcher = &fetcher,
        .output_name = attempt->job->key,
        .output = &attempt->put.writer,
        .files = &worker->files,
        .cancel = &worker->item,
        .spare = &worker->spare,
        .limits = tools->demands.limits,
        .demands = tools->demands.transcode,
    };
    int64_t begin_ms;
    int64_t waited_ms;
    bool ok;

    open_result(attempt);
    job_turn_enter(&attempt->turn);
    counts = progress_read(tools->books.progress);
    request.threads = cpu_share(&counts, tools->cpus);
    begin_ms = clock_monotonic_ms();
    waited_ms = attempt->spent.waiting_ms + attempt->spent.downloading_ms;
    ok = transcode(&request, &attempt->media, err) &&
         quality_compare(tools->demands.quality, &request, &attempt->media, err);
    ok = store_input_judge(attempt->input, ok, err);
    job_turn_leave(&attempt->turn);
    waited_ms = attempt->spent.waiting_ms + attempt->spent.downloading_ms - waited_ms;
    attempt->spent.transcoding_ms =
        clock_monotonic_ms() - begin_ms - waited_ms - attempt->put.spent_ms;
    return ok || !attempt->put.failed ? ok : judge_upload(attempt, err);
}

static bool put_several(struct job_attempt *attempt, struct error *err)
{
    struct job_worker *worker = attempt->worker;
    const struct job_tools *tools = worker->tools;
    const struct job_files_request request = {
        .recipe = tools->recipe,
        .destination = tools->destination,
        .existing = tools->existing,
        .claims = tools->claims,
        .store = worker->destination,
        .job = attempt->job,
        .version = attempt->version,
        .set = &worker->files,
        .scratch = &worker->output,
        .may_be_empty = tools->demands.transcode.rules.allows_empty,
    };

    return job_files_put(&request, &attempt->files, err);
}

static bool upload(struct job_attempt *attempt, struct error *err)
{
    int64_t begin_ms = clock_monotonic_ms() - attempt->put.spent_ms;
    bool ok = job_makes_several(attempt) ? put_several(attempt, err)
                                         : store_write_finish(&attempt->put, &attempt->etag, err);

    attempt->spent.uploading_ms = clock_monotonic_ms() - begin_ms;
    return ok || judge_upload(attempt, err);
}

/* What the input took is given back before the upload. */
static bool make(struct job_attempt *attempt, struct error *err)
{
    bool ok = download(attempt, err) && transcode_gated(attempt, err);

    store_input_close(attempt->input);
    spool_clear(&attempt->worker->input);
    return ok;
}

/* What this very run has made is not made again, nor refused, whatever --if-exists says. */
static bool judge_existing(struct job_attempt *attempt, const char **kept, struct error *err)
{
    const struct job *job = attempt->job;
    const struct object *object = &job->item.object;
    const struct job_tools *tools = attempt->worker->tools;
    struct store *destination = attempt->worker->destination;
    struct existing update = *tools->existing;
    bool ok = true;

    *kept = NULL;
    update.rule = IF_EXISTS_UPDATE;
    if (job->done || job->suspect)
        ok = existing_judge(&update, destination, attempt->mark, object, kept, err);
    if (ok && !*kept && !job->done)
        ok = existing_judge(tools->existing, destination, attempt->mark, object, kept, err);
    if (ok)
        return true;
    judge_refusal(attempt->worker->tools, err);
    return false;
}

/* *kept is why nothing had to be done; NULL when the result was made. */
static bool carry(struct job_attempt *attempt, const char **kept, struct error *err)
{
    struct job_worker *worker = attempt->worker;
    struct job *job = attempt->job;
    bool unknown = job->item.object.size_unknown;

    attempt->mark = job_files_mark(worker->tools->recipe, job);
    if (!look_up(worker, job, err) || !judge_existing(attempt, kept, err))
        return false;
    attempt->is_empty = unknown && job->item.object.size == 0;
    if (attempt->is_empty)
        *kept = "it has no bytes";
    return *kept || (make(attempt, err) && upload(attempt, err));
}

/* What the journal is to say if a library crashes; for free() after the work. */
static char *begin_note(const struct job *job)
{
    char *identity = item_identity(&job->item);
    char *note = journal_crash_line(identity);

    free(identity);
    crash_set_note(note);
    return note;
}

static void end_note(char *note)
{
    crash_set_note(NULL);
    free(note);
}

enum job_end job_run(struct job_worker *worker, struct job *job, struct error *err)
{
    const struct job_tools *tools = worker->tools;
    struct job_attempt attempt = {
        .worker = worker,
        .job = job,
        .turn = { .gate = tools->gate,
                  .item = &worker->item,
                  .spent = &attempt.spent,
                  .timeout_ms = tools->item_timeout_ms },
    };
    char *note = begin_note(job);
    const char *kept;
    struct error failure;
    enum job_end end;

    progress_begun(worker->tools->books.progress);
    log_set_job(job->item.object.key);
    if (job->attempts++ == 0)
        job->start_ms = clock_wall_ms();
    job_turn_begin(&attempt.turn);
    if (!carry(&attempt, &kept, &failure))
        end = job_end_failed(&attempt, &failure, err);
    else if (kept)
        end = job_end_kept(&attempt, kept, err);
    else
        end = job_end_succeeded(&attempt, err);
    progress_left(worker->tools->books.progress, &attempt.spent);
    log_set_job(NULL);
    store_write_close(&attempt.put);
    spool_clear(&worker->output);
    file_set_clear(&worker->files);
    job_files_release(&attempt.files);
    free(attempt.mark);
    media_report_release(&attempt.media);
    free(attempt.etag);
    end_note(note);
    return end;
}
