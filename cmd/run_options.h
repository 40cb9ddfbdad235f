/* SPDX-License-Identifier: MIT */

/*
 * The options of the commands that run items, in groups of rows.
 * Threads: immutable.
 */

#pragma once

#include "log_options.h"
#include "options.h"
#include "run/run.h"
#include "shared_options.h"

struct run_options {
    struct run_settings run;
    struct log_options log;
    bool json;
};

/* What they are before anything is read. */
#define RUN_OPTIONS_DEFAULT                                                                        \
    {                                                                                              \
        .run = {                                                                                   \
            .backoff = { 3, 1000, 2, 20000, BACKOFF_FULL_JITTER },                                 \
            .failure_budget = FAILURE_BUDGET_NONE,                                                 \
            .metrics = { .interval_ms = 60000 },                                                   \
            .strict_tolerance_ms = UINT64_MAX,                                                     \
            .max_error_rate = -1,                                                                  \
            .limits = TRANSCODE_LIMITS_USUAL,                                                      \
            .grace_ms = RUN_GRACE_MS,                                                              \
        },                                                                                         \
    }

extern const char *const when_names[];
extern const char *const results_format_names[];
extern const char *const if_exists_names[];
extern const char *const jitter_names[];
extern const char *const metrics_names[];

/* clang-format off */
#define RUN struct run_options
#define TEXT(name, letter, field, argument, help) OPTION_ROW_TEXT(RUN, name, letter, field, argument, help)
#define FLAG(name, letter, field, help) OPTION_ROW_FLAG(RUN, name, letter, field, help)
#define COUNT(name, letter, field, min, max, help) OPTION_ROW(RUN, name, letter, OPTION_COUNT, field, unsigned, "N", NULL, min, max, help)
#define COUNT64(name, field, min, help) OPTION_ROW(RUN, name, 0, OPTION_COUNT64, field, uint64_t, "N", NULL, min, INT64_MAX, help)
#define DURATION(name, field, help) OPTION_ROW(RUN, name, 0, OPTION_DURATION, field, uint64_t, "TIME", NULL, 0, 0, help)
#define REAL(name, field, argument, min, max, help) OPTION_ROW(RUN, name, 0, OPTION_REAL, field, double, argument, NULL, min, max, help)
#define SIZE(name, field, min, help) OPTION_ROW(RUN, name, 0, OPTION_SIZE, field, uint64_t, "SIZE", NULL, min, INT64_MAX, help)
#define CHOICE(name, field, argument, names, help) OPTION_ROW(RUN, name, 0, OPTION_CHOICE, field, unsigned, argument, names, 0, 0, help)

/* How results are named. */
#define NAME_ROWS \
    TEXT("suffix", 's', run.suffix, "TEXT", "append to each result's name, e.g. .wav"), \
    TEXT("ext", 0, run.ext, "EXT", "replace the extension of each name instead"), \
    TEXT("name", 0, run.name, "TEMPLATE", "name results from {key} {path} {dir} {stem} {ext} {index}")

#define IF_EXISTS_ROW \
    CHOICE("if-exists", run.if_exists, "WHAT", if_exists_names, "update (remake what changed), overwrite, skip or fail")

/* How an item is tried. */
#define ATTEMPT_ROWS \
    COUNT("max-attempts", 0, run.backoff.max_attempts, 1, 1000, "tries of an item that fails for a passing reason (3)"), \
    DURATION("retry-interval", run.backoff.interval_ms, "wait before the second attempt (1s)"), \
    REAL("backoff-rate", run.backoff.rate, "X", 1, 1000, "each further wait is X times longer (2)"), \
    DURATION("max-delay", run.backoff.max_delay_ms, "but not longer than this (20s)"), \
    CHOICE("jitter", run.backoff.jitter, "KIND", jitter_names, "full draws each wait at random, none does not (full)"), \
    FLAG("strict", 0, run.strict, "fail items with decode errors, or not as long as declared"), \
    DURATION("strict-tolerance", run.strict_tolerance_ms, "strict, with lengths that may differ by this (500ms)"), \
    REAL("max-error-rate", run.max_error_rate, "R", 0, 1, "share of packets that may fail to be decoded, 0 to 1 (2/3)"), \
    FLAG("allow-empty", 0, run.allow_empty, "an item that gives nothing is no failure"), \
    SIZE("max-output-size", run.limits.output_bytes, 0, "fail items whose results pass this size (64G; 0: no limit)"), \
    REAL("max-duration-ratio", run.limits.duration_ratio, "N", 0, 1e9, "fail items whose results get N times as long (1000)"), \
    COUNT64("max-pixels", run.limits.pixels, 0, "fail items with pictures of more pixels (536870912)"), \
    COUNT("max-streams", 0, run.limits.streams, 0, 100000, "fail items with more streams (1000)"), \
    SIZE("max-item-memory", run.limits.memory, 0, "fail items whose frames and packets take more memory (2G)"), \
    DURATION("item-timeout", run.item_timeout_ms, "fail an attempt at an item that takes longer")

/* And what becomes of items. */
#define ITEM_ROWS \
    ATTEMPT_ROWS, \
    REAL("tolerated-failure-percentage", run.failure_budget.percentage, "P", 0, 100, "end the run when more than P % of the items fail"), \
    COUNT64("tolerated-failure-count", run.failure_budget.count, 0, "end the run when more than N items fail")

/* What is done to an item, but for the words behind --. */
#define FFMPEG_ROWS \
    TEXT("input-options", 0, run.input_options, "WORDS", "ffmpeg's options for each input, as in '-ss 5'"), \
    TEXT("global-options", 0, run.global_options, "WORDS", "ffmpeg's options that come before those"), \
    OPTION_ROW(RUN, "allow-demuxer", 0, OPTION_PAIRS, run.allow_demuxer, const char *, "NAME,...", NULL, 0, 0, "let these demuxers open other files below SOURCE: hls"), \
    TEXT("measure", 0, run.measure, "LIST", "numbers about the sound into the records: all, or peak,..."), \
    TEXT("quality", 0, run.quality, "LIST", "compare pictures with the source's: ssim, psnr, vmaf")

/* How much at once. */
#define MACHINE_ROWS \
    COUNT("jobs", 'j', run.jobs, 1, 1024, "objects in flight (default: found by the run)"), \
    COUNT("cpus", 0, run.cpus, 1, 1024, "transcodes at a time (default: the CPUs we may use)"), \
    MEMORY_ROW

#define MEMORY_ROW \
    SIZE("memory", run.memory, 1 << 20, "object bytes in memory (default: half of it)")

/* What is written to S3 beside the bytes. */
#define WRITE_ROWS \
    TEXT("storage-class", 0, run.s3.storage_class, "CLASS", "storage class of results"), \
    TEXT("tagging", 0, run.s3.tagging, "A=B&C=D", "tags of results"), \
    OPTION_ROW(RUN, "metadata", 0, OPTION_PAIRS, run.s3.metadata, const char *, "K=V,...", NULL, 0, 0, "metadata of results; repeatable, at most 10"), \
    TEXT("cache-control", 0, run.s3.cache_control, "TEXT", "Cache-Control of results"), \
    TEXT("content-type", 0, run.s3.content_type, "TYPE", "Content-Type of results, not the container's")

/* How it stops. */
#define STOP_ROWS \
    DURATION("grace", run.grace_ms, "after INT or TERM, end within this (20s)")

/* What it tells other machines meanwhile. */
#define METRICS_ROWS \
    CHOICE("metrics", run.metrics.form, "FORMAT", metrics_names, "none, or emf: lines for CloudWatch on stdout"), \
    TEXT("metrics-file", 0, run.metrics.file, "FILE", "keep this file up to date for Prometheus"), \
    OPTION_ROW(RUN, "metrics-interval", 0, OPTION_DURATION, run.metrics.interval_ms, uint64_t, "TIME", NULL, 1, 0, "how often (60s)"), \
    TEXT("metrics-dimensions", 0, run.metrics.dimensions, "K=V,...", "dimensions of the metrics; labels in Prometheus"), \
    TEXT("metrics-namespace", 0, run.metrics.namespace, "NAME", "namespace in CloudWatch (avmap)")

/* What is written about items. */
#define RECORD_ROWS \
    CHOICE("results-format", run.results_format, "FORMAT", results_format_names, "json: arrays as Step Functions has them, or jsonl"), \
    TEXT("completion-report", 0, run.completion_report, "FILE", "write S3 Batch Operations' report, a CSV row an item"), \
    TEXT("result-list", 0, run.result_list, "FILE", "list the results made in its CSV, for a next step")

#define DRY_RUN_ROW \
    FLAG("dry-run", 0, run.dry_run, "only say what would be done, and what S3 asks for it")

/* What the command says and when. */
#define SHOW_ROWS \
    CHOICE("progress", run.progress, "WHEN", when_names, "show progress: auto, always or never"), \
    METRICS_ROWS, \
    FLAG("json", 0, json, "print the run's report as JSON to stdout at the end"), \
    LOG_ROWS

#define LOG_ROWS LOG_OPTIONS(RUN, log)

/* How a run is done, as opposed to what is made of what. */
#define HOW_ROWS \
    OPTION_ROW_HEADING("What may fail"), \
    ITEM_ROWS, \
    STOP_ROWS, \
    OPTION_ROW_HEADING("How much at once"), \
    MACHINE_ROWS, \
    OPTION_ROW_HEADING("S3"), \
    S3_OPTIONS(RUN, run.s3), \
    WRITE_ROWS, \
    OPTION_ROW_HEADING("What is shown"), \
    SHOW_ROWS

/* clang-format on */
