/* SPDX-License-Identifier: MIT */

/* Says what came of an attempt. */

#include "run/job_end.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/memory.h"
#include "run/job_output.h"

bool job_makes_several(const struct job_attempt *attempt)
{
    return recipe_files(attempt->worker->tools->recipe, attempt->job->key) != RECIPE_ONE_FILE;
}

static uint64_t bytes_made(const struct job_attempt *attempt)
{
    return job_makes_several(attempt) ? attempt->worker->files.size : attempt->put.writer.size;
}

/* For free(), with each url. */
static struct job_output_file *list_files(const struct job_attempt *attempt)
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

static char *output_json(const struct job_attempt *attempt)
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
        .files = job_makes_several(attempt) ? list : NULL,
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

enum job_end job_end_succeeded(struct job_attempt *attempt, struct error *err)
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

enum job_end job_end_kept(struct job_attempt *attempt, const char *reason, struct error *err)
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

static bool has_attempts_left(const struct job_attempt *attempt)
{
    const struct job_tools *tools = attempt->worker->tools;

    return attempt->job->attempts < tools->backoff->max_attempts && !cancel_stopping(tools->cancel);
}

/* What was abandoned while the run goes on was abandoned for its own time. */
static void judge_timeout(const struct job_attempt *attempt, struct error *failure)
{
    const struct job_tools *tools = attempt->worker->tools;

    if (failure->kind == ERROR_CANCELLED && !cancel_abandoned(tools->cancel))
        error_set(failure, ERROR_TIMEOUT, "Avmap.Timeout",
                  "took longer than --item-timeout, %.1f s; raise it or look at the object",
                  (double)tools->item_timeout_ms / 1000);
}

enum job_end job_end_failed(struct job_attempt *attempt, struct error *failure, struct error *err)
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
