/* SPDX-License-Identifier: MIT */

/* Runs and says what came of it. */

#include "run_command.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/number.h"
#include "commands.h"
#include "run/run.h"
#include "signals.h"

const char *const when_names[] = { "auto", "always", "never", NULL };
const char *const results_format_names[] = { "json", "jsonl", NULL };
const char *const if_exists_names[] = { "update", "overwrite", "skip", "fail", NULL };
const char *const jitter_names[] = { "none", "full", NULL };
const char *const metrics_names[] = { "none", "emf", NULL };
const char *const s3_addressing_names[] = { "auto", "virtual", "path", NULL };
const char *const s3_checksum_names[] = { "CRC32", "CRC64NVME", NULL };

/* Nothing here is a secret, or says where to send one. */
static bool is_noted(const char *name)
{
    static const char *const names[] = {
        "if-exists",
        "max-attempts",
        "retry-interval",
        "backoff-rate",
        "max-delay",
        "jitter",
        "item-timeout",
        "tolerated-failure-percentage",
        "tolerated-failure-count",
        "strict",
        "strict-tolerance",
        "max-error-rate",
        "allow-empty",
        "max-output-size",
        "max-duration-ratio",
        "max-pixels",
        "max-streams",
        "max-item-memory",
        "allow-demuxer",
        "measure",
        "quality",
        "results-format",
        "storage-class",
        "tagging",
        "metadata",
        "cache-control",
        "content-type",
        "checksum-algorithm",
        "acl",
        "sse",
        "sse-kms-key-id",
        "request-payer",
        "expected-bucket-owner",
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return false;
}

struct run_option *run_command_note(struct run_settings *settings, const struct option_words *words)
{
    size_t before = settings->option_count;
    struct run_option *noted = memory_new(before + words->given_count + 1, sizeof(*noted));

    for (size_t i = 0; i < before; i++)
        noted[i] = settings->options[i];
    for (size_t i = 0; i < words->given_count; i++) {
        if (is_noted(words->given[i].name))
            noted[settings->option_count++] = words->given[i];
    }
    settings->options = noted;
    settings->given = words->given;
    settings->given_count = words->given_count;
    return noted;
}

static void print_summary(const struct run_summary *summary)
{
    const struct progress_counts *counts = &summary->counts;
    const uint64_t *outcomes = counts->by_outcome;
    double seconds = counts->seconds > 0.001 ? counts->seconds : 0.001;
    uint64_t found = counts->total + counts->folder_markers + counts->empty_objects;
    char in[16];
    char out[16];

    log_info("%llu succeeded, %llu failed, %llu aborted, %llu pending, %llu skipped of %llu%s in "
             "%.1f s",
             (unsigned long long)(outcomes[OUTCOME_SUCCEEDED] - counts->kept),
             (unsigned long long)(outcomes[OUTCOME_FAILED] + outcomes[OUTCOME_TIMED_OUT]),
             (unsigned long long)outcomes[OUTCOME_ABORTED],
             (unsigned long long)outcomes[OUTCOME_PENDING],
             (unsigned long long)progress_skipped(counts), (unsigned long long)found,
             counts->listing_complete ? "" : " listed", counts->seconds);
    log_info("%.1f objects/s, %.0fx real time, %s in, %s out",
             (double)(counts->total - outcomes[OUTCOME_PENDING]) / seconds,
             (double)counts->media_us / 1e6 / seconds,
             number_format_size(counts->bytes_in, in, sizeof(in)),
             number_format_size(counts->bytes_out, out, sizeof(out)));
    if (counts->listing_complete && found == 0)
        log_warning(counts->not_wanted > 0
                        ? "the options that pick objects have left out all there are"
                        : "no object is in the source, or in this share of it");
    if (!counts->listing_complete && summary->end == RUN_INTERRUPTED)
        log_warning("the source was not listed to its end, so PENDING is not complete; run the "
                    "same line again");
    if (summary->manifest_url)
        log_info("results: %s", summary->manifest_url);
}

static int status_of(const struct run_settings *settings, const struct run_summary *summary)
{
    if (summary->end == RUN_CANNOT_WORK)
        return EXIT_CANNOT_WORK;
    if (summary->end == RUN_TOLERANCE_EXCEEDED)
        return EXIT_TOLERANCE_EXCEEDED;
    if (summary->end == RUN_INTERRUPTED)
        return EXIT_SIGNAL + signals_caught();
    return progress_has_failed(&summary->counts) &&
                   !failure_budget_is_set(&settings->failure_budget)
               ? EXIT_ITEMS_FAILED
               : EXIT_ALL_WELL;
}

int run_command(const struct run_options *options, struct cancel *cancel)
{
    struct run_summary summary;
    struct error err;
    int status;

    if (!run(&options->run, cancel, &summary, &err)) {
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
