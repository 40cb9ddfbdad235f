/* SPDX-License-Identifier: MIT */

/* avmap run: options, then one run, then its exit status. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/uuid.h"
#include "commands.h"
#include "options.h"
#include "run/run.h"
#include "shared_options.h"
#include "signals.h"

struct run_options {
    struct run_settings run;
    enum log_format log_format;
    bool verbose;
    bool quiet;
    bool json;
    bool help;
};

static const char *const when_names[] = { "auto", "always", "never", NULL };
static const char *const items_names[] = { "listing",   "csv",  "jsonl", "json",
                                           "inventory", "plan", NULL };
static const char *const results_format_names[] = { "json", "jsonl", NULL };
static const char *const log_format_names[] = { "text", "json", NULL };
static const char *const if_exists_names[] = { "update", "overwrite", "skip", "fail", NULL };
static const char *const jitter_names[] = { "none", "full", NULL };
const char *const s3_addressing_names[] = { "auto", "virtual", "path", NULL };

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

static const struct option_spec specs[] = {
    TEXT("suffix", 's', run.suffix, "TEXT", "append to each result's name, e.g. .wav"),
    TEXT("ext", 0, run.ext, "EXT", "replace the extension of each name instead"),
    TEXT("name", 0, run.name, "TEMPLATE", "name results from {key} {path} {dir} {stem} {ext} {index}"),
    CHOICE("if-exists", run.if_exists, "WHAT", if_exists_names, "update (remake what changed), overwrite, skip or fail"),
    CHOICE("items", run.items, "FORMAT", items_names, "SOURCE is a list: csv, jsonl, json, inventory or plan"),
    TEXT("items-pointer", 0, run.items_pointer, "POINTER", "where the array is in a json list, e.g. /a/b"),
    SELECTION_OPTIONS(struct run_options, run.selection, run.max_items),
    TEXT("shard", 0, run.shard, "I/N", "take the Ith of N shares (default: as the batch engine says)"),
    FLAG("dry-run", 0, run.dry_run, "only say what would be done, and what S3 asks for it"),
    COUNT("max-attempts", 0, run.backoff.max_attempts, 1, 1000, "tries of an item that fails for a passing reason (3)"),
    DURATION("retry-interval", run.backoff.interval_ms, "wait before the second attempt (1s)"),
    REAL("backoff-rate", run.backoff.rate, "X", 1, 1000, "each further wait is X times longer (2)"),
    DURATION("max-delay", run.backoff.max_delay_ms, "but not longer than this (20s)"),
    CHOICE("jitter", run.backoff.jitter, "KIND", jitter_names, "full draws each wait at random, none does not (full)"),
    DURATION("item-timeout", run.item_timeout_ms, "fail an attempt at an item that takes longer"),
    DURATION("grace", run.grace_ms, "after INT or TERM, end within this (20s)"),
    REAL("tolerated-failure-percentage", run.failure_budget.percentage, "P", 0, 100, "end the run when more than P % of the items fail"),
    COUNT64("tolerated-failure-count", run.failure_budget.count, 0, "end the run when more than N items fail"),
    TEXT("input-options", 0, run.input_options, "WORDS", "ffmpeg's options for each input, as in '-ss 5'"),
    TEXT("measure", 0, run.measure, "LIST", "put numbers about the sound into the records: peak,loudness,... or all"),
    TEXT("global-options", 0, run.global_options, "WORDS", "ffmpeg's options that come before those"),
    TEXT("job", 0, run.job, "FILE", "read source, destination and options from JSON; - is stdin"),
    COUNT("jobs", 'j', run.jobs, 1, 1024, "objects in flight (default: 8 per CPU)"),
    COUNT("cpus", 0, run.cpus, 1, 1024, "transcodes at a time (default: the CPUs we may use)"),
    SIZE("memory", run.memory, 1 << 20, "object bytes in memory (default: half of it)"),
    TEXT("results", 0, run.results, "URI", "where result files go (default: DESTINATION/_avmap/)"),
    CHOICE("results-format", run.results_format, "FORMAT", results_format_names, "json: arrays as Step Functions has them, or jsonl"),
    TEXT("run-id", 0, run.run_id, "UUID", "name of this run (default: a new one)"),
    S3_OPTIONS(struct run_options, run.s3),
    TEXT("storage-class", 0, run.s3.storage_class, "CLASS", "storage class of results"),
    TEXT("tagging", 0, run.s3.tagging, "A=B&C=D", "tags of results"),
    TEXT("metadata", 0, run.s3.metadata, "K=V,...", "metadata of results, at most 10"),
    TEXT("cache-control", 0, run.s3.cache_control, "TEXT", "Cache-Control of results"),
    TEXT("content-type", 0, run.s3.content_type, "TYPE", "Content-Type of results, not the container's"),
    CHOICE("progress", run.progress, "WHEN", when_names, "show progress: auto, always or never"),
    CHOICE("log-format", log_format, "FORMAT", log_format_names, "text, or json: an object a line"),
    FLAG("json", 0, json, "print the run's report as JSON to stdout at the end"),
    FLAG("verbose", 'v', verbose, "log every request and what libav says"),
    FLAG("quiet", 'q', quiet, "log errors and warnings only"),
    FLAG("help", 'h', help, "show this"),
    { NULL, 0, OPTION_FLAG, 0, NULL, NULL, 0, 0, NULL },
};

/* clang-format on */

void cmd_run_help(void)
{
    printf("usage: avmap run [options] SOURCE DESTINATION [-- ffmpeg output options]\n"
           "       avmap run [options] --job JOB.json\n\n"
           "Transcodes every media object under SOURCE into DESTINATION. Each is\n"
           "s3://bucket/prefix or a folder. With --items SOURCE is a list of objects.\n\n"
           "Options (each also as environment variable, --run-id as AVMAP_RUN_ID):\n");
    options_print(specs);
    printf("\nExamples:\n"
           "  avmap run music/ wav/ --suffix .wav -- -ac 1 -ar 48000\n"
           "  avmap run s3://in/media-assets/ s3://out/output/ --suffix .flac -- -ac 1 -ar 48000\n"
           "  avmap run --job JOB.json\n");
}

static bool refuse(struct error *err, const char *text)
{
    return error_set(err, ERROR_USAGE, "Avmap.Usage", "%s", text);
}

/* The command line wins: a rule for names in the environment gives way to another one typed. */
static void prefer_typed_names(struct run_settings *run)
{
    struct {
        const char **rule;
        const char *inherited;
    } rules[] = {
        { &run->suffix, getenv("AVMAP_SUFFIX") },
        { &run->ext, getenv("AVMAP_EXT") },
        { &run->name, getenv("AVMAP_NAME") },
    };

    bool typed = false;

    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        typed = typed || (*rules[i].rule && *rules[i].rule != rules[i].inherited);
    for (size_t i = 0; typed && i < sizeof(rules) / sizeof(rules[0]); i++) {
        if (*rules[i].rule == rules[i].inherited)
            *rules[i].rule = NULL;
    }
}

static bool take_words(struct run_options *options, const struct option_words *words,
                       struct error *err)
{
    struct run_settings *run = &options->run;

    prefer_typed_names(run);
    run->recipe = words->rest;
    run->recipe_count = words->rest_count;
    if (run->run_id && !uuid_is_valid(run->run_id))
        return refuse(err, "--run-id: not a UUID (8-4-4-4-12 hexadecimal digits)");
    if (options->quiet && options->verbose)
        return refuse(err, "--quiet and --verbose exclude each other");
    if (run->items_pointer && run->items != ITEMS_JSON)
        return refuse(err, "--items-pointer is for --items json");
    if (run->job) {
        if (words->count || words->rest_count || run->suffix || run->ext || run->name || run->items)
            return refuse(err, "--job says it all: no SOURCE, DESTINATION, names or -- options");
        return true;
    }
    if (words->count < 2)
        return refuse(err, words->count ? "DESTINATION is missing" : "SOURCE is missing");
    if (words->count > 2)
        return error_set(err, ERROR_USAGE, "Avmap.Usage",
                         "\"%s\" is one word too many; ffmpeg's options go after --",
                         words->words[2]);
    run->source = words->words[0];
    run->destination = words->words[1];
    return true;
}

/* The command line as a shell would take it again, for run.json. */
static char *command_line(int argc, char *const *argv)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-+=:,./@%";
    struct buffer text;

    buffer_init(&text, SIZE_MAX);
    for (int i = 0; i < argc; i++) {
        bool is_plain = argv[i][0] && !argv[i][strspn(argv[i], plain)];

        buffer_append_text(&text, i ? " " : "");
        if (is_plain) {
            buffer_append_text(&text, argv[i]);
            continue;
        }
        buffer_append_text(&text, "'");
        for (const char *at = argv[i]; *at; at++)
            buffer_append(&text, *at == '\'' ? "'\\''" : at, *at == '\'' ? 4 : 1);
        buffer_append_text(&text, "'");
    }
    return buffer_take(&text);
}

static void print_summary(const struct run_summary *summary)
{
    const struct progress_counts *counts = &summary->counts;
    const uint64_t *outcomes = counts->by_outcome;
    double seconds = counts->seconds > 0.001 ? counts->seconds : 0.001;
    char in[16];
    char out[16];

    log_info("%llu succeeded, %llu failed, %llu aborted, %llu pending, %llu skipped of %llu%s in "
             "%.1f s",
             (unsigned long long)(outcomes[OUTCOME_SUCCEEDED] - counts->kept),
             (unsigned long long)(outcomes[OUTCOME_FAILED] + outcomes[OUTCOME_TIMED_OUT]),
             (unsigned long long)outcomes[OUTCOME_ABORTED],
             (unsigned long long)outcomes[OUTCOME_PENDING],
             (unsigned long long)progress_skipped(counts),
             (unsigned long long)(counts->total + counts->folder_markers + counts->empty_objects),
             counts->listing_complete ? "" : " listed", counts->seconds);
    log_info("%.1f objects/s, %.0fx real time, %s in, %s out",
             (double)(counts->total - outcomes[OUTCOME_PENDING]) / seconds,
             (double)counts->media_us / 1e6 / seconds,
             number_format_size(counts->bytes_in, in, sizeof(in)),
             number_format_size(counts->bytes_out, out, sizeof(out)));
    if (!counts->listing_complete && summary->end == RUN_INTERRUPTED)
        log_warning("the source was not listed to its end, so PENDING is not complete; run the "
                    "same line again");
    if (summary->manifest_url)
        log_info("results: %s", summary->manifest_url);
}

static int status_of(const struct run_settings *settings, const struct run_summary *summary)
{
    const uint64_t *outcomes = summary->counts.by_outcome;
    bool failed =
        outcomes[OUTCOME_FAILED] + outcomes[OUTCOME_TIMED_OUT] + summary->counts.unlisted > 0;

    if (summary->end == RUN_CANNOT_WORK)
        return EXIT_CANNOT_WORK;
    if (summary->end == RUN_TOLERANCE_EXCEEDED)
        return EXIT_TOLERANCE_EXCEEDED;
    if (summary->end == RUN_INTERRUPTED)
        return EXIT_SIGNAL + signals_caught();
    return failed && !failure_budget_is_set(&settings->failure_budget) ? EXIT_ITEMS_FAILED
                                                                       : EXIT_ALL_WELL;
}

static int run_and_report(const struct run_options *options)
{
    struct run_summary summary;
    struct cancel cancel;
    struct error err;
    int status;

    if (!cancel_init(&cancel)) {
        log_error("no file descriptors are left; raise the limit (ulimit -n)");
        return EXIT_CANNOT_WORK;
    }
    signals_catch(&cancel, run_items_grace_ms(&options->run));
    if (!run(&options->run, &cancel, &summary, &err)) {
        log_error("%s", err.text);
        if (err.kind == ERROR_USAGE)
            return EXIT_USAGE;
        return signals_caught() ? EXIT_SIGNAL + signals_caught() : EXIT_CANNOT_WORK;
    }
    if (summary.dry_run) {
        fputs(summary.dry_run, stdout);
        run_summary_release(&summary);
        return EXIT_ALL_WELL;
    }
    print_summary(&summary);
    if (summary.error.kind != ERROR_NONE)
        log_error("the run ended early: %s", summary.error.text);
    status = status_of(&options->run, &summary);
    if (options->json && (puts(summary.report_json) < 0 || fflush(stdout) != 0))
        status = status == EXIT_ALL_WELL ? EXIT_CANNOT_WORK : status;
    run_summary_release(&summary);
    return status;
}

int cmd_run(int argc, char **argv)
{
    struct run_options options = {
        .run = {
            .backoff = { 3, 1000, 2, 20000, BACKOFF_FULL_JITTER },
            .failure_budget = FAILURE_BUDGET_NONE,
            .grace_ms = RUN_GRACE_MS,
        },
    };
    struct option_words words = { 0 };
    struct error err;
    int status = EXIT_USAGE;
    bool understood;
    char *command = command_line(argc, argv);

    options.run.command = command;
    understood = options_parse(specs, &options, (size_t)argc - 2, argv + 2, &words, &err) &&
                 (options.help || take_words(&options, &words, &err));
    if (!understood) {
        log_error("%s (see avmap help run)", err.text);
    } else if (options.help) {
        cmd_run_help();
        status = EXIT_ALL_WELL;
    } else {
        log_set_format(options.log_format);
        log_set_level(options.verbose ? LOG_DEBUG : options.quiet ? LOG_WARNING : LOG_INFO);
        status = run_and_report(&options);
    }
    selection_release(&options.run.selection);
    options_release(&words);
    free(command);
    return status;
}
