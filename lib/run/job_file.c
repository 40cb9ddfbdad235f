/* SPDX-License-Identifier: MIT */

/* Reads a job file. */

#include "run/job_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"

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

    return get_text(object, name, field, &text, err) &&
           shell_words_split(text ? text : "", words, err);
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

bool job_file_parse(const char *text, struct job_file *job, struct error *err)
{
    json_error_t problem;
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &problem);
    bool ok;

    *job = (struct job_file){ 0 };
    if (!root)
        return error_set(err, ERROR_USAGE, "Avmap.Usage", "job file: line %d, column %d: %s",
                         problem.line, problem.column, problem.text);
    ok = read_job(root, job, err);
    json_decref(root);
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
