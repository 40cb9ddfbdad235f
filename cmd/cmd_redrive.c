/* SPDX-License-Identifier: MIT */

/* avmap redrive: does what a run left over, in the same way. */

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/shell_words.h"
#include "commands.h"
#include "run/redrive.h"
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
    RECORD_ROWS,
    DRY_RUN_ROW,
    HOW_ROWS,
    OPTION_ROWS_END("ffmpeg's options go after --"),
};

/* clang-format on */

void cmd_redrive_help(void)
{
    printf(
        "usage: avmap redrive [options] MANIFEST\n"
        "       avmap redrive [options] MANIFEST SOURCE DESTINATION [-- ffmpeg output options]\n\n"
        "Does the items of a run's FAILED and PENDING files again, with the options, names,\n"
        "source and destination that its run.json says. MANIFEST is the run's manifest.json.\n"
        "For one that Step Functions wrote, say the rest as for avmap run. The new result files\n"
        "go to Redrive-1/, Redrive-2/ ... in the run's folder.\n");
    options_print(specs);
}

static bool refuse(struct error *err, const char *text)
{
    return error_set(err, ERROR_USAGE, "Avmap.Usage", "%s", text);
}

/* Whether it was typed: what is only in the environment is for other runs. */
static bool is_typed(const char *value, const char *variable)
{
    return value && value != getenv(variable);
}

static bool take_described(struct run_options *options, const struct option_words *words,
                           struct error *err)
{
    const struct run_settings *run = &options->run;

    if (words->count > 1 || words->rest_count || is_typed(run->suffix, "AVMAP_SUFFIX") ||
        is_typed(run->ext, "AVMAP_EXT") || is_typed(run->name, "AVMAP_NAME") ||
        is_typed(run->input_options, "AVMAP_INPUT_OPTIONS") ||
        is_typed(run->global_options, "AVMAP_GLOBAL_OPTIONS"))
        return refuse(err, "the run's run.json says it all: no SOURCE, DESTINATION, names or "
                           "ffmpeg options");
    redrive_describe(run->redrive, &options->run);
    return true;
}

static bool take_typed(struct run_options *options, const struct option_words *words,
                       struct error *err)
{
    if (words->count != 3)
        return refuse(err, "no run.json lies beside the manifest, so give SOURCE and DESTINATION "
                           "too, and names and ffmpeg's options as for avmap run");
    options->run.source = words->words[1];
    options->run.destination = words->words[2];
    options->run.recipe = words->rest;
    options->run.recipe_count = words->rest_count;
    return true;
}

/* What the run was given counts less than what is given now, so all is read once more on top. */
static bool read_on_top(struct run_options *options, int argc, char **argv,
                        const struct redrive *redrive, struct option_words *words,
                        struct error *err)
{
    const char *command = options->run.command;

    *options = (struct run_options)RUN_OPTIONS_DEFAULT;
    options->run.command = command;
    options->run.run_id = redrive->manifest.run_id;
    options->run.redrive = redrive;
    options->run.options = redrive->options;
    options->run.option_count = redrive->option_count;
    for (size_t i = 0; i < redrive->option_count; i++) {
        if (!options_preset(specs, options, &redrive->options[i], err)) {
            error_prefix(err, "%s: the run.json beside it", redrive->manifest.url);
            return false;
        }
    }
    options_release(words);
    return options_parse(specs, options, (size_t)argc - 2, argv + 2, words, err) &&
           (redrive_is_described(redrive) ? take_described(options, words, err)
                                          : take_typed(options, words, err));
}

static void warn(const struct manifest *manifest)
{
    if (manifest->newest > manifest->generation)
        log_warning("the run was redriven already; Redrive-%u/ is the newest", manifest->newest);
    if (json_is_false(json_object_get(manifest->run, "listingComplete")))
        log_warning("the run was stopped before its source was listed to the end, and what it did "
                    "not list is not in the manifest; run its own line again instead");
}

static int redrive(struct run_options *options, int argc, char **argv, struct option_words *words)
{
    struct run_option *noted = NULL;
    struct redrive redrive;
    struct cancel cancel;
    struct error err;
    int status = EXIT_CANNOT_WORK;

    if (!signals_begin(&cancel, run_items_grace_ms(&options->run)))
        return EXIT_CANNOT_WORK;
    if (!redrive_read(words->words[0], &options->run.s3, &cancel, &redrive, &err) ||
        !read_on_top(options, argc, argv, &redrive, words, &err)) {
        log_error("%s", err.text);
        status = err.kind == ERROR_USAGE ? EXIT_USAGE
                 : signals_caught()      ? EXIT_SIGNAL + signals_caught()
                                         : EXIT_CANNOT_WORK;
    } else if (redrive.file_count == 0) {
        warn(&redrive.manifest);
        log_info("nothing is left to do: no item of the run %s failed or is pending",
                 redrive.manifest.run_id);
        status = EXIT_ALL_WELL;
    } else {
        warn(&redrive.manifest);
        noted = run_command_note(&options->run, words);
        status = run_command(options, &cancel);
    }
    free(noted);
    redrive_release(&redrive);
    return status;
}

int cmd_redrive(int argc, char **argv)
{
    struct run_options options = RUN_OPTIONS_DEFAULT;
    struct option_words words = { 0 };
    struct error err;
    int status = EXIT_USAGE;
    char *command = shell_words_join(argv, (size_t)argc);

    options.run.command = command;
    if (!options_parse(specs, &options, (size_t)argc - 2, argv + 2, &words, &err) ||
        (!options.log.help && !log_options_apply(&options.log, &err))) {
        log_error("%s (see avmap help redrive)", err.text);
    } else if (options.log.help) {
        cmd_redrive_help();
        status = EXIT_ALL_WELL;
    } else if (words.count == 0) {
        log_error("give the run's manifest: RESULTS/<run-id>/manifest.json (see avmap help "
                  "redrive)");
    } else {
        status = redrive(&options, argc, argv, &words);
    }
    options_release(&words);
    free(command);
    return status;
}
