/* SPDX-License-Identifier: MIT */

/*
 * What to produce, from ffmpeg's options, checked against this build of libav before the run
 * starts: an unknown option, codec or value is refused by name, none is ignored.
 * Threads: immutable after recipe_parse.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/error.h"

struct recipe;

/* Options as they stand on ffmpeg's command line, without the result's name; all borrowed. */
struct recipe_words {
    char *const *global; /* before everything; what is for the input counts as such, as in ffmpeg */
    size_t global_count;
    char *const *input; /* before -i, which follows them with its name only in several_inputs */
    size_t input_count;
    char *const *output; /* before the result's name: { "-ac", "1" } */
    size_t output_count;
    const char *allowed_demuxers; /* that may open other files; commas between; NULL: none */
    bool several_inputs;          /* input is "[options] -i NAME", once or repeated */
};

/*
 * Fails with ERROR_USAGE naming the option and, where one is near, the known one. Logs what is
 * accepted but has no meaning here, so call it once per run.
 */
MUST_USE struct recipe *recipe_parse(const struct recipe_words *words, struct error *err);
void recipe_free(struct recipe *recipe);

/*
 * How many of the words in front are an option that changes no result, such as { "-loglevel",
 * "error" }, or 0; *taken is set to how many the first option takes, whatever it does.
 */
size_t recipe_idle_words(char *const *words, size_t count, size_t *taken);

/* How many inputs it takes, 1 unless several were named, and the name given with -i or NULL. */
size_t recipe_input_count(const struct recipe *recipe);
const char *recipe_input_name(const struct recipe *recipe, size_t index);

/*
 * Checks that a result called name can be made: its container (from -f or the extension) and
 * the codecs are in this build and take the options. The run calls it once for its first name
 * when no -f is given. Fails: ERROR_USAGE.
 */
bool recipe_check(const struct recipe *recipe, const char *name, struct error *err);

/* Whether results have no bytes (-f null): then only their records tell something. */
bool recipe_makes_nothing(const struct recipe *recipe);

/*
 * Of what recipe_check has found right the options of libav that nothing in a result of that name
 * takes, as "-crf, -preset"; for the caller to free; NULL: there are none.
 */
MUST_USE char *recipe_unused(const struct recipe *recipe, const char *name);

/* The MIME type of the container made for name ("audio/x-wav"), borrowed, or NULL. */
const char *recipe_content_type(const struct recipe *recipe, const char *name);

/* The same for one file of a result that has several: by its own name. */
const char *recipe_file_content_type(const struct recipe *recipe, const char *name);

/* What becomes of a result's name. */
enum recipe_files {
    RECIPE_ONE_FILE,
    RECIPE_FILES_BESIDE,   /* it names one file, and the muxer writes others beside it */
    RECIPE_FILES_NUMBERED, /* it is a pattern for the names of all files, such as a-%03d.jpg */
};

enum recipe_files recipe_files(const struct recipe *recipe, const char *name);

/*
 * Of a result of several files the one that is written last, so that it tells whether the result
 * is there; relative to the folder in name. source is the key of what it is made of. For the
 * caller to free; NULL: its name cannot be known before.
 */
MUST_USE char *recipe_last_file(const struct recipe *recipe, const char *name, const char *source);

/*
 * Checks that no file of such a result has a name that those of other items have as well; for
 * results that share folders. Fails with ERROR_USAGE.
 */
bool recipe_check_shared_folder(const struct recipe *recipe, const char *name, struct error *err);
