/* SPDX-License-Identifier: MIT */

/*
 * What one transcode is to do: the objects it reads, in ffmpeg's order, the one it makes, and the
 * recipe.
 * Source of the options' form: wrapper.py of aws-samples/aws-batch-with-ffmpeg.
 * Threads: immutable after one_order_read.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/shell_words.h"
#include "media/recipe.h"
#include "store/location.h"

/* All borrowed; each may be NULL or "null", which mean the same, but for the URLs. */
struct one_settings {
    const char *input_url; /* URLs or paths with commas between them */
    const char *output_url;
    const char *input_file_options; /* ffmpeg's, as a shell would split them: of the first input */
    const char *output_file_options;
    const char *global_options;
    const char *name; /* put before messages */
};

/* One object. */
struct one_place {
    struct location location; /* the bucket or folder; prefix "" */
    char *key;                /* owned */
    char *url;                /* owned; for people */
};

struct one_order {
    const char *name; /* NULL: none */
    struct one_place *inputs;
    size_t input_count;
    struct one_place output;
    struct recipe *recipe;
    char **words; /* owned; the whole line for ffmpeg, without the output's name */
    size_t word_count;
    struct shell_words options[3]; /* owned; global, of the first input, of the output */
    struct shell_words urls;       /* owned; of the inputs as they were given */
};

/* Fails with ERROR_USAGE. Release it also after a failure. */
bool one_order_read(struct one_order *order, const struct one_settings *settings,
                    struct error *err);
void one_order_release(struct one_order *order);
