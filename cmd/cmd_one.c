/* SPDX-License-Identifier: MIT */

/* avmap one: named inputs, one output, in the words of aws-batch-with-ffmpeg's wrapper. */

#include <stdio.h>

#include "base/log.h"
#include "commands.h"
#include "run/one.h"
#include "run_options.h"
#include "signals.h"

/* The shared rows are for struct run_options, so that stands first. */
struct one_options {
    struct run_options common;
    struct one_settings one;
};

/* clang-format off */
#define ONE(name, field, argument, help) OPTION_ROW(struct one_options, name, 0, OPTION_ANY_TEXT, one.field, const char *, argument, NULL, 0, 0, help)

static const struct option_spec specs[] = {
    OPTION_ROW_HEADING("What is made and of what"),
    ONE("input_url", input_url, "URL[,URL...]", "what to read; several are ffmpeg's inputs 0, 1, ..."),
    ONE("output_url", output_url, "URL", "what to write"),
    ONE("input_file_options", input_file_options, "WORDS", "ffmpeg's options for the first input, as in '-ss 5'"),
    ONE("output_file_options", output_file_options, "WORDS", "ffmpeg's options for the output, as in '-ac 1 -ar 48000'"),
    ONE("global_options", global_options, "WORDS", "ffmpeg's options that come before all inputs"),
    ONE("name", name, "TEXT", "put before messages"),
    IF_EXISTS_ROW,
    OPTION_ROW_HEADING("What may fail"),
    ATTEMPT_ROWS,
    STOP_ROWS,
    OPTION_ROW_HEADING("How much at once"),
    MEMORY_ROW,
    OPTION_ROW_HEADING("S3"),
    S3_OPTIONS(RUN, run.s3),
    WRITE_ROWS,
    OPTION_ROW_HEADING("What is shown"),
    LOG_ROWS,
    OPTION_ROWS_END("ffmpeg's options go into --output_file_options"),
};

/* clang-format on */

void cmd_one_help(void)
{
    printf("usage: avmap one --input_url URL[,URL...] --output_url URL [options]\n\n"
           "Transcodes once. The options with underscores are those of the container wrapper of\n"
           "aws-batch-with-ffmpeg; the value null means that one is not set.\n\n"
           "Every option is also an environment variable: --input_url is AVMAP_INPUT_URL.\n");
    options_print(specs);
    printf("\nExamples:\n"
           "  avmap one --input_url s3://my-input/a.mp4 --output_url s3://my-output/a.wav \\\n"
           "    --output_file_options '-ac 1 -ar 48000'\n"
           "  avmap one --input_url film.mp4,voice.wav --output_url dubbed.mp4 \\\n"
           "    --output_file_options '-map 0:v -map 1:a -c:v copy'\n");
}

static bool take_words(const struct one_options *options, const struct option_words *words,
                       struct error *err)
{
    if (words->count > 0 || words->rest_count > 0)
        return error_set(err, ERROR_USAGE, "Avmap.Usage",
                         "\"%s\" is one word too many; ffmpeg's options go into "
                         "--output_file_options",
                         words->count > 0 ? words->words[0] : words->rest[0]);
    return log_options_apply(&options->common.log, err);
}

static int transcode_one(const struct one_options *options)
{
    struct cancel cancel;
    struct error err;

    if (!signals_begin(&cancel, run_items_grace_ms(&options->common.run)))
        return EXIT_ITEMS_FAILED;
    if (one(&options->one, &options->common.run, &cancel, &err))
        return EXIT_ALL_WELL;
    log_error("%s%s", err.text, err.kind == ERROR_USAGE ? " (see avmap help one)" : "");
    if (err.kind == ERROR_USAGE)
        return EXIT_USAGE;
    return signals_caught() ? EXIT_SIGNAL + signals_caught() : EXIT_ITEMS_FAILED;
}

int cmd_one(int argc, char **argv)
{
    struct one_options options = { .common = RUN_OPTIONS_DEFAULT };
    struct option_words words = { 0 };
    struct error err;
    int status = EXIT_USAGE;

    if (!options_parse(specs, &options, (size_t)argc - 2, argv + 2, &words, &err) ||
        (!options.common.log.help && !take_words(&options, &words, &err))) {
        log_error("%s (see avmap help one)", err.text);
    } else if (options.common.log.help) {
        cmd_one_help();
        status = EXIT_ALL_WELL;
    } else {
        status = transcode_one(&options);
    }
    options_release(&words);
    return status;
}
