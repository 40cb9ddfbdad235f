/* SPDX-License-Identifier: MIT */

/* Reads what a redrive is to do. */

#include "run/redrive.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/shell_words.h"
#include "run/naming.h"

static bool refuse(struct error *err, const struct redrive *redrive, const char *what)
{
    return error_set(err, ERROR_OBJECT, "Avmap.BadManifest",
                     "%s: the run.json beside it does not say %s; was it written by this version "
                     "of avmap?",
                     redrive->manifest.url, what);
}

static const char *text_of(const struct redrive *redrive, const char *name)
{
    return json_string_value(json_object_get(redrive->manifest.run, name));
}

static const char *naming_text(const struct redrive *redrive, const char *name)
{
    return json_string_value(
        json_object_get(json_object_get(redrive->manifest.run, "naming"), name));
}

/* The words of an array of strings, borrowed; false when it is something else. */
static bool read_words(const json_t *array, char ***words, size_t *count)
{
    const json_t *value;
    size_t i;

    *count = 0;
    *words = NULL;
    if (!array)
        return true;
    if (!json_is_array(array))
        return false;
    *words = memory_new(json_array_size(array) + 1, sizeof(**words));
    json_array_foreach(array, i, value)
    {
        if (!json_is_string(value))
            return false;
        (*words)[(*count)++] = (char *)json_string_value(value); /* only read */
    }
    return true;
}

static bool read_line(const json_t *array, char **line)
{
    char **words;
    size_t count;
    bool ok = read_words(array, &words, &count);

    *line = ok && count ? shell_words_join(words, count) : NULL;
    free(words);
    return ok;
}

static bool read_options(struct redrive *redrive)
{
    json_t *options = json_object_get(redrive->manifest.run, "options");
    const char *name;
    json_t *value;

    if (options && !json_is_object(options))
        return false;
    redrive->options = memory_new(json_object_size(options) + 1, sizeof(*redrive->options));
    json_object_foreach(options, name, value)
    {
        if (!json_is_string(value))
            return false;
        redrive->options[redrive->option_count++] =
            (struct run_option){ name, json_string_value(value) };
    }
    return true;
}

/* A plan's items are below the source that was planned, which is what run.json names. */
static bool read_format(struct redrive *redrive)
{
    const char *format = text_of(redrive, "items");

    for (int i = 0; format && items_format_names[i]; i++) {
        if (strcmp(format, items_format_names[i]) == 0) {
            redrive->items = i == ITEMS_PLAN ? ITEMS_LISTED : (enum items_format)i;
            return true;
        }
    }
    return false;
}

static bool read_run(struct redrive *redrive, struct error *err)
{
    const json_t *run = redrive->manifest.run;
    const char *template = naming_text(redrive, "template");
    const char *suffix = naming_text(redrive, "suffix");

    if (!text_of(redrive, "source") || !text_of(redrive, "destination"))
        return refuse(err, redrive, "its source and destination");
    if (!template || !suffix || !naming_check(&(struct naming){ template, suffix, false }, err))
        return refuse(err, redrive, "how results are named");
    if (!read_format(redrive))
        return refuse(err, redrive, "what kind of list its items are from (items)");
    if (!json_object_get(run, "recipe") ||
        !read_words(json_object_get(run, "recipe"), &redrive->recipe, &redrive->recipe_count) ||
        !read_line(json_object_get(run, "inputOptions"), &redrive->input_options) ||
        !read_line(json_object_get(run, "globalOptions"), &redrive->global_options))
        return refuse(err, redrive, "ffmpeg's options (recipe)");
    return read_options(redrive) || refuse(err, redrive, "the options that it was given");
}

static void gather_files(struct redrive *redrive)
{
    const struct manifest_files *failed = &redrive->manifest.kinds[MANIFEST_FAILED];
    const struct manifest_files *pending = &redrive->manifest.kinds[MANIFEST_PENDING];

    redrive->files = memory_new(failed->count + pending->count + 1, sizeof(*redrive->files));
    for (size_t i = 0; i < failed->count; i++)
        redrive->files[redrive->file_count++] = failed->files[i];
    for (size_t i = 0; i < pending->count; i++)
        redrive->files[redrive->file_count++] = pending->files[i];
}

bool redrive_read(const char *url, const struct s3_settings *s3, const struct cancel *cancel,
                  struct redrive *redrive, struct error *err)
{
    bool in_s3 = location_is_s3(url);
    struct s3_service *service = in_s3 ? s3_service_new(s3, cancel, err) : NULL;
    bool ok = false;

    *redrive = (struct redrive){ 0 };
    if (service || !in_s3)
        ok = manifest_read(url, service, cancel, &redrive->manifest, err);
    s3_service_free(service);
    if (!ok)
        return false;
    if (redrive->manifest.is_shard)
        return error_set(err, ERROR_USAGE, "Avmap.Usage",
                         "%s is one shard's; run that shard again, or merge all and redrive what "
                         "merge writes",
                         redrive->manifest.url);
    gather_files(redrive);
    return !redrive->manifest.run || read_run(redrive, err);
}

bool redrive_is_described(const struct redrive *redrive)
{
    return redrive->manifest.run != NULL;
}

void redrive_describe(const struct redrive *redrive, struct run_settings *settings)
{
    settings->source = text_of(redrive, "source");
    settings->destination = text_of(redrive, "destination");
    settings->name = naming_text(redrive, "template");
    settings->suffix = naming_text(redrive, "suffix");
    settings->ext = NULL;
    settings->recipe = redrive->recipe;
    settings->recipe_count = redrive->recipe_count;
    settings->input_options = redrive->input_options;
    settings->global_options = redrive->global_options;
}

void redrive_release(struct redrive *redrive)
{
    free(redrive->files);
    free(redrive->recipe);
    free(redrive->input_options);
    free(redrive->global_options);
    free(redrive->options);
    manifest_release(&redrive->manifest);
    *redrive = (struct redrive){ 0 };
}
