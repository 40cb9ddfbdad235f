/* SPDX-License-Identifier: MIT */

/* avmap plan: shares the items of a source out over many machines. */

#include <inttypes.h>
#include <stdio.h>

#include "base/log.h"
#include "base/number.h"
#include "commands.h"
#include "log_options.h"
#include "options.h"
#include "run/run.h"
#include "run/shard_plan.h"
#include "shared_options.h"
#include "signals.h"

struct plan_options {
    struct shard_plan_settings plan;
    struct log_options log;
};

/* clang-format off */
static const struct option_spec specs[] = {
    OPTION_ROW_HEADING("Which objects, and in how many shares"),
    OPTION_ROW(struct plan_options, "shards", 'n', OPTION_COUNT, plan.shards, unsigned, "N", NULL, 1, SHARD_PLAN_MAX, "how many shares to make"),
    SELECTION_OPTIONS(struct plan_options, plan.selection, plan.max_items),
    OPTION_ROW_HEADING("S3"),
    S3_OPTIONS(struct plan_options, plan.s3),
    OPTION_ROW_HEADING("What is shown"),
    LOG_OPTIONS(struct plan_options, log),
    OPTION_ROWS_END(NULL),
};

/* clang-format on */

void cmd_plan_help(void)
{
    printf("usage: avmap plan [options] SOURCE PLAN --shards N\n\n"
           "Lists SOURCE once and writes PLAN/plan.json and PLAN/shard-00000.jsonl and so on, so "
           "that\n"
           "the shards carry about equal bytes. Each machine then does one of them:\n\n"
           "  avmap run --items plan PLAN DESTINATION --shard I/N --run-id UUID -- ...\n");
    options_print(specs);
}

static int plan_and_report(const struct shard_plan_settings *settings)
{
    struct shard_plan_summary summary;
    struct cancel cancel;
    struct error err;
    char all[16];
    char largest[16];

    if (!signals_begin(&cancel, RUN_GRACE_MS))
        return EXIT_CANNOT_WORK;
    if (!shard_plan(settings, &cancel, &summary, &err)) {
        log_error("%s", err.text);
        if (signals_caught())
            return EXIT_SIGNAL + signals_caught();
        return err.kind == ERROR_USAGE ? EXIT_USAGE : EXIT_CANNOT_WORK;
    }
    log_info("%" PRIu64 " items, %s, in %u shards of at most %s; %" PRIu64 " skipped: %s",
             summary.items, number_format_size(summary.bytes, all, sizeof(all)), settings->shards,
             number_format_size(summary.largest_bytes, largest, sizeof(largest)), summary.skipped,
             summary.url);
    shard_plan_summary_release(&summary);
    return EXIT_ALL_WELL;
}

static bool take_words(struct plan_options *options, const struct option_words *words,
                       struct error *err)
{
    if (words->count != 2 || words->rest_count)
        return error_set(err, ERROR_USAGE, "Avmap.Usage", "give SOURCE and PLAN, nothing else");
    if (options->plan.shards == 0)
        return error_set(err, ERROR_USAGE, "Avmap.Usage", "--shards says how many shares to make");
    if (!log_options_apply(&options->log, err))
        return false;
    options->plan.source = words->words[0];
    options->plan.plan = words->words[1];
    return true;
}

int cmd_plan(int argc, char **argv)
{
    struct plan_options options = { 0 };
    struct option_words words = { 0 };
    struct error err;
    int status = EXIT_USAGE;
    bool understood = options_parse(specs, &options, (size_t)argc - 2, argv + 2, &words, &err) &&
                      (options.log.help || take_words(&options, &words, &err));

    if (!understood) {
        log_error("%s (see avmap help plan)", err.text);
    } else if (options.log.help) {
        cmd_plan_help();
        status = EXIT_ALL_WELL;
    } else {
        status = plan_and_report(&options.plan);
    }
    selection_release(&options.plan.selection);
    options_release(&words);
    return status;
}
