/* SPDX-License-Identifier: MIT */

/* Writes run.json. */

#include "run/run_report.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "media/libav.h"

/* What batch engines tell a process about itself; names only from their documentation. */
static const char *const engine_variables[] = {
    "AWS_BATCH_JOB_ID",         "AWS_BATCH_JOB_ATTEMPT",  "AWS_BATCH_JOB_ARRAY_INDEX",
    "AWS_BATCH_JOB_ARRAY_SIZE", "AWS_BATCH_JQ_NAME",      "AWS_BATCH_CE_NAME",
    "JOB_COMPLETION_INDEX",     "SLURM_JOB_ID",           "SLURM_ARRAY_JOB_ID",
    "SLURM_ARRAY_TASK_ID",      "SLURM_ARRAY_TASK_COUNT", "SLURM_RESTART_COUNT",
};

static void set_text(json_t *value, const char *name, const char *text)
{
    if (text)
        json_object_set_new(value, name, json_text(text));
}

static void set_count(json_t *value, const char *name, uint64_t count)
{
    json_object_set_new(value, name, json_integer((json_int_t)count));
}

static void set_date(json_t *value, const char *name, int64_t wall_ms)
{
    char text[CLOCK_ISO_SIZE];

    json_object_set_new(value, name, json_string(clock_format_iso(wall_ms, text)));
}

/* The names are those of DescribeMapRun's itemCounts. */
static json_t *item_counts(const struct progress_counts *counts)
{
    json_t *value = json_object();

    set_count(value, "aborted", counts->by_outcome[OUTCOME_ABORTED]);
    set_count(value, "failed", counts->by_outcome[OUTCOME_FAILED]);
    set_count(value, "pending", counts->by_outcome[OUTCOME_PENDING]);
    set_count(value, "resultsWritten", counts->total);
    set_count(value, "running", 0);
    set_count(value, "succeeded", counts->by_outcome[OUTCOME_SUCCEEDED]);
    set_count(value, "timedOut", counts->by_outcome[OUTCOME_TIMED_OUT]);
    set_count(value, "total", counts->total);
    return value;
}

static json_t *skipped(const struct progress_counts *counts)
{
    json_t *value = json_object();

    set_count(value, "emptyObjects", counts->empty_objects + counts->empty_items);
    set_count(value, "folderMarkers", counts->folder_markers);
    set_count(value, "notSelected", counts->not_wanted);
    set_count(value, "unchanged", counts->kept - counts->empty_items);
    set_count(value, "total", progress_skipped(counts));
    return value;
}

static json_t *throughput(const struct progress_counts *counts)
{
    double seconds = counts->seconds > 0.001 ? counts->seconds : 0.001;
    json_t *value = json_object();

    set_count(value, "bytesIn", counts->bytes_in);
    set_count(value, "bytesOut", counts->bytes_out);
    json_object_set_new(value, "mediaSeconds", json_real((double)counts->media_us / 1e6));
    json_object_set_new(
        value, "objectsPerSecond",
        json_real((double)(counts->total - counts->by_outcome[OUTCOME_PENDING]) / seconds));
    json_object_set_new(value, "timesRealTime",
                        json_real((double)counts->media_us / 1e6 / seconds));
    return value;
}

static json_t *words_json(char *const *words, size_t count)
{
    json_t *value = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(value, json_text(words[i]));
    return value;
}

static void set_recipe(json_t *value, const struct recipe_words *words)
{
    json_object_set_new(value, "recipe", words_json(words->output, words->output_count));
    if (words->input_count)
        json_object_set_new(value, "inputOptions", words_json(words->input, words->input_count));
    if (words->global_count)
        json_object_set_new(value, "globalOptions", words_json(words->global, words->global_count));
}

/* What a redrive is to do in the same way. */
static json_t *options(const struct run_settings *settings)
{
    json_t *value = json_object();

    for (size_t i = 0; i < settings->option_count; i++)
        set_text(value, settings->options[i].name, settings->options[i].value);
    return value;
}

static json_t *environment(void)
{
    json_t *value = json_object();

    for (size_t i = 0; i < sizeof(engine_variables) / sizeof(engine_variables[0]); i++)
        set_text(value, engine_variables[i], getenv(engine_variables[i]));
    return value;
}

/* The words of DescribeMapRun; failures within what is tolerated do not fail a run. */
static const char *status(const struct run_report *report)
{
    if (report->end == RUN_TOLERANCE_EXCEEDED)
        return "FAILED";
    if (report->end != RUN_FINISHED)
        return "ABORTED";
    return progress_has_failed(&report->counts) &&
                   !failure_budget_is_set(&report->settings->failure_budget)
               ? "FAILED"
               : "SUCCEEDED";
}

static json_t *machine(const struct run_report *report)
{
    char host[256] = "";
    char *versions = libav_versions();
    json_t *value = json_object();

    gethostname(host, sizeof(host) - 1);
    set_text(value, "host", host);
    set_text(value, "libraries", versions);
    set_count(value, "cpus", report->cpus);
    set_count(value, "jobs", report->counts.peak_in_flight);
    set_count(value, "memory", report->memory);
    free(versions);
    return value;
}

char *run_report_json(const struct run_report *report)
{
    json_t *value = json_object();
    char *text;

    set_text(value, "version", AVMAP_VERSION);
    set_text(value, "command", report->settings->command);
    set_text(value, "runId", report->run_id);
    set_text(value, "name", report->name);
    set_text(value, "compute", report->compute);
    set_text(value, "items", items_format_names[report->items]);
    json_object_set_new(value, "options", options(report->settings));
    if (report->generation)
        set_count(value, "redriveCount", report->generation);
    set_text(value, "source", report->source);
    set_text(value, "destination", report->destination);
    json_object_set_new(value, "naming",
                        json_pack("{s:o, s:o}", "suffix", json_text(report->naming->suffix),
                                  "template", json_text(report->naming->template)));
    set_text(value, "status", status(report));
    set_recipe(value, report->recipe);
    if (report->shard.count)
        json_object_set_new(
            value, "shard",
            json_pack("{s:i, s:i}", "count", report->shard.count, "index", report->shard.index));
    json_object_set_new(value, "itemCounts", item_counts(&report->counts));
    json_object_set_new(value, "skipped", skipped(&report->counts));
    json_object_set_new(value, "listingComplete", json_boolean(report->counts.listing_complete));
    set_count(value, "unreadableFolders", report->counts.unlisted);
    json_object_set_new(value, "throughput", throughput(&report->counts));
    json_object_set_new(value, "machine", machine(report));
    json_object_set_new(value, "environment", environment());
    set_date(value, "startDate", report->start_ms);
    set_date(value, "stopDate", report->stop_ms);
    json_object_set_new(value, "seconds", json_real(report->counts.seconds));
    if (report->error)
        json_object_set_new(value, "error",
                            json_pack("{s:o, s:o}", "Error", json_text(report->error->word),
                                      "Cause", json_text(report->error->text)));
    text = json_compact(value);
    json_decref(value);
    return text;
}
