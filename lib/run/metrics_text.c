/* SPDX-License-Identifier: MIT */

/* Writes metrics for CloudWatch and for Prometheus. */

#include "run/metrics_text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/json.h"

/* Whole numbers as such: 3, not 3.0. */
static json_t *number(double value)
{
    return value == floor(value) && fabs(value) < 1e15 ? json_integer((json_int_t)value)
                                                       : json_real(value);
}

/* How CloudWatch is to read the members of the same object. */
static json_t *directive(const struct metrics_text *text)
{
    json_t *dimensions = json_array();
    json_t *metrics = json_array();

    for (size_t i = 0; i < text->labels->count; i++)
        json_array_append_new(dimensions, json_text(text->labels->of[i].name));
    for (size_t i = 0; i < METRIC_COUNT; i++)
        json_array_append_new(metrics, json_pack("{s:s, s:s}", "Name", metric_table[i].emf, "Unit",
                                                 metric_table[i].unit));
    return json_pack("{s:I, s:[{s:o, s:[o], s:o}]}", "Timestamp", (json_int_t)text->now_ms,
                     "CloudWatchMetrics", "Namespace", json_text(text->namespace), "Dimensions",
                     dimensions, "Metrics", metrics);
}

char *metrics_text_emf(const struct metrics_text *text, const struct metric_values *now,
                       const struct metric_values *before)
{
    json_t *event = json_object();
    char *line;

    json_object_set_new(event, "_aws", directive(text));
    for (size_t i = 0; i < text->labels->count; i++)
        json_object_set_new(event, text->labels->of[i].name, json_text(text->labels->of[i].value));
    for (size_t i = 0; i < METRIC_COUNT; i++)
        json_object_set_new(
            event, metric_table[i].emf,
            number(metric_table[i].is_level ? now->of[i] : now->of[i] - before->of[i]));
    /* Not dimensions: each new value of one would be a new metric, and cost as one. */
    json_object_set_new(event, "runId", json_text(text->run_id));
    json_object_set_new(event, "version", json_text(AVMAP_VERSION));
    json_object_set_new(event, "finished", json_boolean(text->finished));
    if (text->shard.count)
        json_object_set_new(event, "shard", json_integer(text->shard.index));
    line = json_compact(event);
    json_decref(event);
    return line;
}

static void append_label(struct buffer *out, const char *name, const char *value)
{
    buffer_append_format(out, "%s%s=\"", out->bytes[out->size - 1] == '{' ? "" : ",", name);
    for (; *value; value++)
        buffer_append(out, *value == '"' || *value == '\\' ? (char[]){ '\\', *value } : value,
                      *value == '"' || *value == '\\' ? 2 : 1);
    buffer_append_text(out, "\"");
}

/* own are labels of this metric alone, NULL for none. */
static void append_sample(struct buffer *out, const struct metrics_text *text, const char *name,
                          const char *own, double value)
{
    size_t before;

    buffer_append_format(out, "avmap_%s{%s", name, own ? own : "");
    before = out->size;
    if (text->shard.count) {
        char shard[16];

        snprintf(shard, sizeof(shard), "%u", text->shard.index);
        append_label(out, "shard", shard);
    }
    for (size_t i = 0; i < text->labels->count; i++)
        append_label(out, text->labels->of[i].name, text->labels->of[i].value);
    if (!own && out->size == before) {
        out->bytes[--out->size] = '\0'; /* no labels, no brace */
        buffer_append_format(out, " %.15g\n", value);
    } else {
        buffer_append_format(out, "} %.15g\n", value);
    }
}

static void append_head(struct buffer *out, const char *name, const char *help, const char *type)
{
    buffer_append_format(out, "# HELP avmap_%s %s\n# TYPE avmap_%s %s\n", name, help, name, type);
}

/* What is known of the run as such. */
static void append_run(struct buffer *out, const struct metrics_text *text)
{
    struct buffer own;

    buffer_init(&own, SIZE_MAX);
    buffer_append_format(&own, "run_id=\"%s\",version=\"%s\"", text->run_id, AVMAP_VERSION);
    append_head(out, "run_info", "Which run this is; always 1.", "gauge");
    append_sample(out, text, "run_info", own.bytes, 1);
    buffer_release(&own);
    append_head(out, "run_start_time_seconds", "When the run began, in seconds since 1970.",
                "gauge");
    append_sample(out, text, "run_start_time_seconds", NULL, (double)text->start_ms / 1000);
    append_head(out, "run_finished", "1 when the run has ended, however it did.", "gauge");
    append_sample(out, text, "run_finished", NULL, text->finished);
}

char *metrics_text_prometheus(const struct metrics_text *text, const struct metric_values *now)
{
    struct buffer out;

    buffer_init(&out, SIZE_MAX);
    append_run(&out, text);
    for (size_t i = 0; i < METRIC_COUNT; i++) {
        const struct metric *metric = &metric_table[i];

        if (i == 0 || strcmp(metric->name, metric_table[i - 1].name) != 0)
            append_head(&out, metric->name, metric->help, metric->is_level ? "gauge" : "counter");
        append_sample(&out, text, metric->name, metric->label, now->of[i]);
    }
    return buffer_take(&out);
}
