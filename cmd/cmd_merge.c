/* SPDX-License-Identifier: MIT */

/* avmap merge: one manifest from those of all shards. */

#include <stdio.h>

#include "base/log.h"
#include "commands.h"
#include "log_options.h"
#include "options.h"
#include "run/merge.h"
#include "run/run.h"
#include "shared_options.h"
#include "signals.h"

struct merge_options {
    struct merge_settings merge;
    struct log_options log;
};

/* clang-format off */
static const struct option_spec specs[] = {
    OPTION_ROW_HEADING("S3"),
    S3_OPTIONS(struct merge_options, merge.s3),
    OPTION_ROW_HEADING("What is shown"),
    LOG_OPTIONS(struct merge_options, log),
    OPTION_ROWS_END(NULL),
};

/* clang-format on */

void cmd_merge_help(void)
{
    printf("usage: avmap merge [options] RESULTS...\n\n"
           "Joins the manifests of a run's shards into one. RESULTS is the run's folder, such as\n"
           "s3://my-output/output/_avmap/<run-id>/. Where shards are missing it names them and\n"
           "writes nothing.\n");
    options_print(specs);
}

static int merge_and_report(const struct merge_settings *settings)
{
    struct merge_summary summary;
    struct cancel cancel;
    struct error err;
    int status = EXIT_ALL_WELL;

    if (!signals_begin(&cancel, RUN_GRACE_MS))
        return EXIT_CANNOT_WORK;
    if (!merge(settings, &cancel, &summary, &err)) {
        log_error("%s", err.text);
        if (signals_caught())
            return EXIT_SIGNAL + signals_caught();
        return err.kind == ERROR_USAGE ? EXIT_USAGE : EXIT_CANNOT_WORK;
    }
    if (summary.missing && summary.expected == 0) {
        log_error("no shard of the run has a manifest, so nothing was written; missing: all; run "
                  "them again with the same --run-id (a run without shards needs no merge)");
        status = EXIT_ITEMS_FAILED;
    } else if (summary.missing) {
        log_error("%u of %u shards have no manifest, so nothing was written; missing: %s; run them "
                  "again with the same --run-id",
                  summary.expected - summary.found, summary.expected, summary.missing);
        status = EXIT_ITEMS_FAILED;
    } else {
        if (summary.lacks_items)
            log_warning("a shard was stopped before it had listed all of its items, which are not "
                        "in the manifest; run it again with the same --run-id, and merge again");
        log_info("%u shards: %s", summary.found, summary.manifest_url);
    }
    merge_summary_release(&summary);
    return status;
}

int cmd_merge(int argc, char **argv)
{
    struct merge_options options = { 0 };
    struct option_words words = { 0 };
    struct error err;
    int status = EXIT_USAGE;

    if (!options_parse(specs, &options, (size_t)argc - 2, argv + 2, &words, &err) ||
        !log_options_apply(&options.log, &err)) {
        log_error("%s (see avmap help merge)", err.text);
    } else if (options.log.help) {
        cmd_merge_help();
        status = EXIT_ALL_WELL;
    } else if (words.count == 0 || words.rest_count) {
        log_error("give the folders of the run: RESULTS/<run-id>/ (see avmap help merge)");
    } else {
        options.merge.results = words.words;
        options.merge.results_count = words.count;
        status = merge_and_report(&options.merge);
    }
    options_release(&words);
    return status;
}
