/* SPDX-License-Identifier: MIT */

/* Carries one item from source to record. */

#include "run/job.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/crash.h"
#include "base/log.h"
#include "base/memory.h"
#include "run/cpu_share.h"
#include "run/job_files.h"
#include "run/job_others.h"
#include "run/job_output.h"
#include "run/job_turn.h"
#include "store/store_input.h"
#include "store/store_write.h"

struct attempt {
    struct job_worker *worker;
    struct job *job;
    char *mark; /* owned; the key that tells whether the result is there; NULL: not known */
    char *etag; /* owned; of the result, NULL when the store has none */
    struct job_files files; /* empty when the result is one file */
    struct media_report media;
    struct store_input *input; /* owned; NULL: not open */
    struct job_turn turn;
    struct progress_stages spent;
    char version[256]; /* of the source, as the result notes it */
    bool is_empty;     /* the source turned out to have no bytes */
    struct store_put_request put_request;
    struct store_write put;
};

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
static bool download(struct attempt *attempt, struct error *err)
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
static bool judge_upload(const struct attempt *attempt, struct error *err)
{
    judge_refusal(attempt->worker->tools, err);
    error_prefix(err, "upload");
    if (attempt->put.written_twice)
        attempt->job->collects = true;
    return false;
}

/* A large result goes to its place while it is made, unless it is to be looked at afterwards. */
static void open_result(struct attempt *attempt)
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

static bool transcode_gated(struct attempt *attempt, struct error *err)
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

static bool put_several(struct attempt *attempt, struct error *err)
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

static bool makes_several(const struct attempt *attempt)
{
    return recipe_files(attempt->worker->tools->recipe, attempt->job->key) != RECIPE_ONE_FILE;
}

static bool upload(struct attempt *attempt, struct error *err)
{
    int64_t begin_ms = clock_monotonic_ms() - attempt->put.spent_ms;
    bool ok = makes_several(attempt) ? put_several(attempt, err)
                                     : store_write_finish(&attempt->put, &attempt->etag, err);

    attempt->spent.uploading_ms = clock_monotonic_ms() - begin_ms;
    return ok || judge_upload(attempt, err);
}

static uint64_t bytes_made(const struct attempt *attempt)
{
    return makes_several(attempt) ? attempt->worker->files.size : attempt->put.writer.size;
}

/* For free(), with each url. */
static struct job_output_file *list_files(const struct attempt *attempt)
{
    const struct job_files *files = &attempt->files;
    struct job_output_file *list = memory_new(files->count + 1, sizeof(*list));

    for (unsigned i = 0; i < files->count; i++)
        list[i] = (struct job_output_file){
            .url = location_url(attempt->worker->tools->destination, files->files[i].key),
            .bytes = files->files[i].bytes,
            .etag = files->files[i].etag,
        };
    return list;
}

static void free_list(struct job_output_file *list, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        free((char *)list[i].url);
    free(list);
}

static char *output_json(const struct attempt *attempt)
{
    const struct job_tools *tools = attempt->worker->tools;
    const struct object *object = &attempt->job->item.object;
    const struct job_files *files = &attempt->files;
    const struct job_file *last = files->count ? &files->files[files->last] : NULL;
    struct job_output_file *list = list_files(attempt);
    char *url = location_url(tools->destination, last ? last->key : attempt->job->key);
    char *source_url = location_object_url(tools->source, object);
    struct job_output output = {
        .url = url,
        .bytes = bytes_made(attempt),
        .files = makes_several(attempt) ? list : NULL,
        .file_count = files->count,
        .etag = last ? last->etag : attempt->etag,
        .source_url = source_url,
        .source_bytes = object->size,
        .source_etag = object->etag,
        .media = &attempt->media,
        .attempts = attempt->job->attempts,
        .waiting_ms = attempt->spent.waiting_ms,
        .downloading_ms = attempt->spent.downloading_ms,
        .transcoding_ms = attempt->spent.transcoding_ms,
        .uploading_ms = attempt->spent.uploading_ms,
    };
    char *text = job_output_json(&output);

    free_list(list, files->count);
    free(source_url);
    free(url);
    return text;
}

static enum job_end succeed(struct attempt *attempt, struct error *err)
{
    const struct job_tools *tools = attempt->worker->tools;
    uint64_t bytes_out = bytes_made(attempt);
    char *output = output_json(attempt);
    bool ok = job_record_success(&tools->books, attempt->job, output, bytes_out,
                                 attempt->media.output.duration_us, err);

    free(output);
    if (attempt->media.warning[0])
        log_warning("%s", attempt->media.warning);
    return ok ? JOB_DONE : JOB_ENDS_RUN;
}

static enum job_end keep(struct attempt *attempt, const char *reason, struct error *err)
{
    const struct job_tools *tools = attempt->worker->tools;
    const char *key = attempt->mark ? attempt->mark : attempt->job->key;
    char *url = attempt->is_empty ? NULL : location_url(tools->destination, key);
    char *source_url = location_object_url(tools->source, &attempt->job->item.object);
    char *output = job_output_kept_json(url, source_url, reason);
    bool ok = job_record_kept(&tools->books, attempt->job, attempt->is_empty, output, err);

    free(output);
    free(source_url);
    free(url);
    return ok ? JOB_DONE : JOB_ENDS_RUN;
}

static bool has_attempts_left(const struct attempt *attempt)
{
    const struct job_tools *tools = attempt->worker->tools;

    return attempt->job->attempts < tools->backoff->max_attempts && !cancel_stopping(tools->cancel);
}

/* What was abandoned while the run goes on was abandoned for its own time. */
static void judge_timeout(const struct attempt *attempt, struct error *failure)
{
    const struct job_tools *tools = attempt->worker->tools;

    if (failure->kind == ERROR_CANCELLED && !cancel_abandoned(tools->cancel))
        error_set(failure, ERROR_TIMEOUT, "Avmap.Timeout",
                  "took longer than --item-timeout, %.1f s; raise it or look at the object",
                  (double)tools->item_timeout_ms / 1000);
}

static enum job_end fail(struct attempt *attempt, struct error *failure, struct error *err)
{
    const struct job_books *books = &attempt->worker->tools->books;

    judge_timeout(attempt, failure);
    if (failure->kind == ERROR_TRANSIENT && has_attempts_left(attempt)) {
        *err = *failure;
        return JOB_AGAIN;
    }
    if (!error_ends_run(failure))
        return job_record_failure(books, attempt->job, failure, err) ? JOB_DONE : JOB_ENDS_RUN;
    /* That it could not be recorded either must not hide why the run ends. */
    if (!job_record_pending(books, attempt->job, err))
        log_error("%s", err->text);
    *err = *failure;
    return JOB_ENDS_RUN;
}

/* What the input took is given back before the upload. */
static bool make(struct attempt *attempt, struct error *err)
{
    bool ok = download(attempt, err) && transcode_gated(attempt, err);

    store_input_close(attempt->input);
    spool_clear(&attempt->worker->input);
    return ok;
}

/* What this very run has made is not made again, nor refused, whatever --if-exists says. */
static bool judge_existing(struct attempt *attempt, const char **kept, struct error *err)
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
static bool carry(struct attempt *attempt, const char **kept, struct error *err)
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
    struct attempt attempt = {
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
        end = fail(&attempt, &failure, err);
    else if (kept)
        end = keep(&attempt, kept, err);
    else
        end = succeed(&attempt, err);
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
