/* SPDX-License-Identifier: MIT */

/* Reads a job file. */

#include "run/job_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/json.h"
#include "base/memory.h"

enum { JOB_FILE_MAX = 1024 * 1024 };

/* The state machine's own place for its ResultWriter (aws-batch-with-ffmpeg, main_state.asl.json).
 */
#define RESULTS_PREFIX "batch-ffmpeg-state-machine/results-output/"

static bool refuse(struct error *err, const char *field, const char *why)
{
    return error_set(err, ERROR_USAGE, "Avmap.Usage", "job file: %s %s", field, why);
}

static bool is_unset(const json_t *value)
{
    const char *text = json_string_value(value);

    return !value || json_is_null(value) || (text && strcmp(text, "null") == 0);
}

/* *text is borrowed from value; NULL when unset. */
static bool get_text(const json_t *object, const char *name, const char *field, const char **text,
                     struct error *err)
{
    const json_t *value = json_object_get(object, name);

    *text = NULL;
    if (is_unset(value))
        return true;
    if (!json_is_string(value))
        return refuse(err, field, "is not a string");
    *text = json_string_value(value);
    return true;
}

static bool get_object(const json_t *job, const char *name, const json_t **object,
                       struct error *err)
{
    *object = json_object_get(job, name);
    if (!is_unset(*object) && !json_is_object(*object))
        return refuse(err, name, "is not an object");
    return true;
}

/* "s3://bucket/prefix" of input or output. */
static bool get_location(const json_t *object, const char *name, char **url, struct error *err)
{
    const char *bucket;
    const char *prefix;

    if (!get_text(object, "s3_bucket", name, &bucket, err) ||
        !get_text(object, "s3_prefix", name, &prefix, err))
        return false;
    if (!bucket || !bucket[0])
        return refuse(err, name, "has no s3_bucket");
    if (strchr(bucket, '/'))
        return refuse(err, name, "has a / in its s3_bucket");
    *url = memory_format("s3://%s/%s", bucket, prefix ? prefix : "");
    return true;
}

static bool get_options(const json_t *object, const char *name, const char *field,
                        struct shell_words *words, struct error *err)
{
    const char *text;

    if (!get_text(object, name, field, &text, err))
        return false;
    if (shell_words_split(text ? text : "", words, err))
        return true;
    error_prefix(err, "job file: %s", field);
    return false;
}

static bool read_job(const json_t *root, struct job_file *job, struct error *err)
{
    const json_t *input;
    const json_t *output;
    const json_t *global;
    const char *text;

    if (!json_is_object(root))
        return refuse(err, "the file", "is not a JSON object");
    if (!get_object(root, "input", &input, err) || !get_object(root, "output", &output, err) ||
        !get_object(root, "global", &global, err))
        return false;
    if (!get_options(input, "file_options", "input.file_options", &job->input_options, err) ||
        !get_options(global, "options", "global.options", &job->global_options, err))
        return false;
    if (!get_location(input, "input", &job->source, err) ||
        !get_location(output, "output", &job->destination, err))
        return false;
    job->results = memory_format("s3://%s/" RESULTS_PREFIX,
                                 json_string_value(json_object_get(input, "s3_bucket")));
    if (!get_text(root, "name", "name", &text, err))
        return false;
    job->name = memory_copy_text(text);
    if (!get_text(root, "compute", "compute", &text, err))
        return false;
    job->compute = memory_copy_text(text);
    if (!get_text(output, "s3_suffix", "output.s3_suffix", &text, err))
        return false;
    job->suffix = memory_copy_text(text);
    return get_options(output, "file_options", "output.file_options", &job->recipe, err);
}

static bool parse(const char *text, struct job_file *job, struct error *err)
{
    json_error_t problem;
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &problem);
    bool ok;

    if (!root)
        return error_set(err, ERROR_USAGE, "Avmap.Usage", "job file: line %d, column %d: %s",
                         problem.line, problem.column, problem.text);
    ok = read_job(root, job, err);
    json_decref(root);
    return ok;
}

static bool refuse_long(struct error *err)
{
    return error_set(err, ERROR_USAGE, "Avmap.Usage", "the job file is over 1 MiB long");
}

static bool read_file(const char *path, struct buffer *text, struct error *err)
{
    int file = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    char piece[4096];
    ssize_t count;

    if (file < 0)
        return error_set_errno(err, ERROR_USAGE, errno, "job file %s", path);
    while ((count = read(file, piece, sizeof(piece))) > 0 &&
           buffer_append(text, piece, (size_t)count))
        continue;
    if (count < 0)
        error_set_errno(err, ERROR_USAGE, errno, "job file %s", path);
    else if (text->overflowed)
        refuse_long(err);
    close(file);
    return count >= 0 && !text->overflowed;
}

/* The object is not listed, so neither its ETag nor its size is known. */
static bool read_object(const char *url, const struct s3_settings *s3, const struct cancel *cancel,
                        struct buffer *text, struct error *err)
{
    struct location location;
    struct object object = { 0 };
    struct s3_service *service = NULL;
    struct store *store = NULL;
    struct budget budget;
    struct spool spool;
    bool ok = false;

    budget_init(&budget, UINT64_C(2) * JOB_FILE_MAX);
    spool_init(&spool, &budget);
    if (!location_parse(url, &location, err))
        goto out;
    object.key = location.prefix;
    service = s3_service_new(s3, cancel, err);
    store = service ? store_open(&location, service, cancel, false, err) : NULL;
    if (!store || !store_fetch(store, &object, &spool, err))
        goto out;
    ok = spool.size <= JOB_FILE_MAX && buffer_append(text, spool_bytes(&spool), (size_t)spool.size);
    if (!ok)
        refuse_long(err);

out:
    store_close(store);
    s3_service_free(service);
    spool_release(&spool);
    location_release(&location);
    return ok;
}

bool job_file_read(const char *url, const struct s3_settings *s3, const struct cancel *cancel,
                   struct job_file *job, struct error *err)
{
    struct buffer text;
    bool ok;

    *job = (struct job_file){ 0 };
    buffer_init(&text, JOB_FILE_MAX);
    if (location_is_s3(url))
        ok = read_object(url, s3, cancel, &text, err);
    else
        ok = read_file(url, &text, err);
    if (ok && strlen(text.bytes) != text.size)
        ok = error_set(err, ERROR_USAGE, "Avmap.Usage", "the job file has a NUL byte");
    ok = ok && parse(text.bytes, job, err);
    buffer_release(&text);
    return ok;
}

void job_file_release(struct job_file *job)
{
    free(job->name);
    free(job->compute);
    free(job->source);
    free(job->destination);
    free(job->suffix);
    free(job->results);
    shell_words_release(&job->recipe);
    shell_words_release(&job->input_options);
    shell_words_release(&job->global_options);
    *job = (struct job_file){ 0 };
}
