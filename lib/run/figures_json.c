/* SPDX-License-Identifier: MIT */

/* Figures for programs. */

#include "base/clock.h"
#include "base/json.h"
#include "run/figures.h"

static void set_count(json_t *value, const char *name, uint64_t count)
{
    json_object_set_new(value, name, json_integer((json_int_t)count));
}

static void set_real(json_t *value, const char *name, double number)
{
    json_object_set_new(value, name, json_real(number));
}

static void set_date(json_t *value, const char *name, int64_t wall_ms)
{
    char text[CLOCK_ISO_SIZE];

    if (wall_ms)
        json_object_set_new(value, name, json_string(clock_format_iso(wall_ms, text)));
}

/* The names of run.json's itemCounts, and what is not in them. */
static json_t *counts(const struct figures *figures)
{
    json_t *value = json_object();

    set_count(value, "succeeded", figures->made + figures->kept);
    set_count(value, "unchanged", figures->kept);
    set_count(value, "failed", figures->failed);
    set_count(value, "timedOut", figures->timed_out);
    set_count(value, "aborted", figures->aborted);
    set_count(value, "pending", figures->pending);
    set_count(value, "unreadable", figures->unreadable);
    set_count(value, "total", figures_ended(figures) + figures->pending + figures->unreadable);
    return value;
}

static json_t *throughput(const struct figures *figures)
{
    double seconds = figures_seconds(figures);
    json_t *value = json_object();

    set_count(value, "bytesIn", figures->bytes_in);
    set_count(value, "bytesOut", figures->bytes_out);
    set_real(value, "mediaSeconds", figures->media_seconds);
    set_real(value, "objectsPerSecond", seconds > 0 ? (double)figures_ended(figures) / seconds : 0);
    set_real(value, "timesRealTime", seconds > 0 ? figures->media_seconds / seconds : 0);
    return value;
}

static json_t *stages(const struct figures *figures)
{
    json_t *value = json_object();

    set_real(value, "waiting", figures->waiting_seconds);
    set_real(value, "downloading", figures->downloading_seconds);
    set_real(value, "transcoding", figures->transcoding_seconds);
    set_real(value, "uploading", figures->uploading_seconds);
    return value;
}

static json_t *failures_json(const struct figures_failures *failures)
{
    json_t *examples = json_array();
    json_t *value = json_object();

    for (unsigned i = 0; i < failures->example_count; i++)
        json_array_append_new(examples,
                              json_pack("{s:o, s:o}", "Key", json_text(failures->examples[i].key),
                                        "Cause", json_text(failures->examples[i].cause)));
    if (failures->word)
        json_object_set_new(value, "Error", json_text(failures->word));
    set_count(value, "count", failures->count);
    json_object_set_new(value, "examples", examples);
    return value;
}

static json_t *slowest(const struct figures_top *top)
{
    json_t *value = json_array();

    for (unsigned i = 0; i < top->count; i++)
        json_array_append_new(value, json_pack("{s:o, s:f}", "Key", json_text(top->items[i].key),
                                               "seconds", top->items[i].value));
    return value;
}

static json_t *largest(const struct figures_top *top)
{
    json_t *value = json_array();

    for (unsigned i = 0; i < top->count; i++)
        json_array_append_new(value, json_pack("{s:o, s:I}", "Key", json_text(top->items[i].key),
                                               "bytes", (json_int_t)top->items[i].value));
    return value;
}

char *figures_json(const struct figures *figures)
{
    json_t *value = json_object();
    json_t *words = json_array();
    char *text;

    for (unsigned i = 0; i < figures->word_count; i++)
        json_array_append_new(words, failures_json(&figures->words[i]));
    json_object_set_new(value, "manifest", json_text(figures->manifest.url));
    json_object_set_new(value, "runId", json_string(figures->manifest.run_id));
    set_count(value, "redriveCount", figures->manifest.generation);
    json_object_set_new(value, "itemCounts", counts(figures));
    set_date(value, "startDate", figures->start_ms);
    set_date(value, "stopDate", figures->stop_ms);
    set_real(value, "seconds", figures_seconds(figures));
    json_object_set_new(value, "throughput", throughput(figures));
    json_object_set_new(value, "stageSeconds", stages(figures));
    set_count(value, "retried", figures->retried);
    set_count(value, "decodeErrors", figures->decode_errors);
    json_object_set_new(value, "failures", words);
    set_count(value, "otherFailures", figures->other_failures);
    json_object_set_new(value, "warnings", failures_json(&figures->warnings));
    json_object_set_new(value, "slowest", slowest(&figures->slowest));
    json_object_set_new(value, "largest", largest(&figures->largest));
    text = json_compact(value);
    json_decref(value);
    return text;
}
