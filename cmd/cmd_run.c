/* SPDX-License-Identifier: MIT */

/* avmap run: options, then one run, then its exit status. */

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/shell_words.h"
#include "base/uuid.h"
#include "commands.h"
#include "run/run.h"
#include "run_command.h"
#include "run_options.h"
#include "signals.h"

/* clang-format off */
static const struct option_spec specs[] = {
    OPTION_ROW_HEADING("What is made and where it goes"),
    NAME_ROWS,
    FFMPEG_ROWS,
    IF_EXISTS_ROW,
    TEXT("job", 0, run.job, "FILE", "read source, destination and options from JSON; - is stdin"),
    TEXT("results", 0, run.results, "URI", "where result files go (default: DESTINATION/_avmap/)"),
    TEXT("run-id", 0, run.run_id, "UUID", "name of this run (default: a new one)"),
    RECORD_ROWS,
    OPTION_ROW_HEADING("Which objects"),
    CHOICE("items", run.items, "FORMAT", items_format_names, "SOURCE is a list: csv, jsonl, json, inventory or plan"),
    TEXT("items-pointer", 0, run.items_pointer, "POINTER", "where the array is in a json list, e.g. /a/b"),
    SELECTION_OPTIONS(struct run_options, run.selection, run.max_items),
    TEXT("shard", 0, run.shard, "I/N", "take the Ith of N shares (default: as the batch engine says)"),
    DRY_RUN_ROW,
    HOW_ROWS,
    OPTION_ROWS_END("ffmpeg's options go after --"),
};

/* clang-format on */

void cmd_run_help(void)
{
    printf("usage: avmap run [options] SOURCE DESTINATION [-- ffmpeg output options]\n"
           "       avmap run [options] --job JOB.json\n\n"
           "Transcodes every media object under SOURCE into DESTINATION. Each is\n"
           "s3://bucket/prefix or a folder. With --items SOURCE is a list of objects.\n\n"
           "Every option is also an environment variable: --run-id is AVMAP_RUN_ID.\n");
    options_print(specs);
    printf("\nExamples:\n"
           "  avmap run music/ wav/ --suffix .wav -- -ac 1 -ar 48000\n"
           "  avmap run s3://my-input/media-assets/ s3://my-output/output/ --suffix .flac -- -ac 1 "
           "-ar 48000\n"
           "  avmap run --job JOB.json\n");
}

static bool refuse(struct error *err, const char *text)
{
    return error_set(err, ERROR_USAGE, "Avmap.Usage", "%s", text);
}

/*
 * The command line wins: a rule for names in the environment gives way to another one typed, or to
 * a job.
 */
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

    bool typed = run->job && run->job != getenv("AVMAP_JOB");

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

    if (words->count > 0 && run->job && run->job == getenv("AVMAP_JOB"))
        run->job = NULL; /* places are typed */
    prefer_typed_names(run);
    run->recipe = words->rest;
    run->recipe_count = words->rest_count;
    if (run->run_id && !uuid_is_valid(run->run_id))
        return error_set(err, ERROR_USAGE, "Avmap.Usage",
                         "--run-id: \"%s\" is not a UUID (8-4-4-4-12 hexadecimal digits)",
                         run->run_id);
    if (!log_options_apply(&options->log, err))
        return false;
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

int cmd_run(int argc, char **argv)
{
    struct run_options options = RUN_OPTIONS_DEFAULT;
    struct option_words words = { 0 };
    struct run_option *noted = NULL;
    struct error err;
    int status = EXIT_USAGE;
    bool understood;
    char *command = shell_words_join(argv, (size_t)argc);
    struct cancel cancel;

    options.run.command = command;
    understood = options_parse(specs, &options, (size_t)argc - 2, argv + 2, &words, &err) &&
                 (options.log.help || take_words(&options, &words, &err));
    if (!understood) {
        log_error("%s (see avmap help run)", err.text);
    } else if (options.log.help) {
        cmd_run_help();
        status = EXIT_ALL_WELL;
    } else {
        noted = run_command_note(&options.run, &words);
        status = signals_begin(&cancel, run_items_grace_ms(&options.run))
                     ? run_command(&options, &cancel)
                     : EXIT_CANNOT_WORK;
    }
    selection_release(&options.run.selection);
    options_release(&words);
    free(noted);
    free(command);
    return status;
}
