/* SPDX-License-Identifier: MIT */

/* Applies options one after the other. */

#include "media/recipe_apply.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/parseutils.h>

#include "base/log.h"
#include "base/memory.h"
#include "media/libav.h"
#include "media/recipe_given.h"
#include "media/recipe_local.h"
#include "media/recipe_medium.h"
#include "media/recipe_suggest.h"
#include "media/recipe_tags.h"
#include "media/recipe_values.h"

enum { NAME_SIZE = 128 };

static bool refuse_unknown(struct error *err, const char *name, const char *option)
{
    const char *near = recipe_option_suggest(name);

    if (near)
        return error_set(err, ERROR_USAGE, "Avmap.Usage",
                         "Unrecognized option '%s'; did you mean '-%s'?", option, near);
    return error_set(err, ERROR_USAGE, "Avmap.Usage", "Unrecognized option '%s'", option);
}

static void add_setting(struct recipe_file *file, enum recipe_key key, const char *specifier,
                        const char *value)
{
    file->settings = memory_grow(file->settings, file->setting_count + 1, sizeof(*file->settings));
    file->settings[file->setting_count++] = (struct recipe_setting){
        .key = key,
        .specifier = memory_copy_text(specifier),
        .value = memory_copy_text(value),
    };
}

/* The filter that libav's message about a graph says it does not know. */
static const char *near_filter(const char *problem)
{
    char name[NAME_SIZE];

    if (sscanf(problem, "No such filter: '%127[^']'", name) != 1)
        return NULL;
    return recipe_suggest(SUGGEST_FILTER, name);
}

static bool check_graph(const struct recipe_given *given, bool simple, struct error *err)
{
    char *problem = recipe_graph_problem(given->value, simple);

    if (problem)
        recipe_given_refuse_name(err, given, problem, near_filter(problem));
    free(problem);
    return !problem;
}

static const char *near_value(enum recipe_key key, enum recipe_scope scope, const char *value)
{
    if (key == RECIPE_CODEC)
        return recipe_suggest(scope == RECIPE_INPUT ? SUGGEST_DECODER : SUGGEST_ENCODER, value);
    return key == RECIPE_PIXEL_FORMAT ? recipe_suggest(SUGGEST_PIXEL_FORMAT, value) : NULL;
}

static bool apply_setting(struct recipe_target *to, const struct recipe_given *given,
                          struct error *err)
{
    enum recipe_key key = given->option->key;
    const char *specifier = recipe_given_specifier(given);
    const char *problem;
    double number;

    if (!recipe_given_number(given, &number, err))
        return false;
    if ((key == RECIPE_FILTER || key == RECIPE_FILTER_SCRIPT) && !check_graph(given, true, err))
        return false;
    if (key < RECIPE_MAP && !stream_specifier_is_valid(specifier))
        return error_set(err, ERROR_USAGE, "Avmap.Usage", "Invalid stream specifier: %s in '-%s'",
                         specifier, given->word);
    problem =
        recipe_value_problem(key, to->scope, specifier, given->value, to->recipe->input_count);
    if (problem)
        return recipe_given_refuse_name(err, given, problem,
                                        near_value(key, to->scope, given->value));
    add_setting(to->file, key, specifier, given->value);
    return true;
}

static void set_text(char **text, const char *value)
{
    free(*text);
    *text = memory_copy_text(value);
}

static bool set_format(const struct recipe_target *to, const struct recipe_given *given,
                       struct error *err)
{
    if (to->scope != RECIPE_INPUT)
        return av_guess_format(given->value, NULL, NULL) ||
               recipe_given_refuse_name(err, given, "Requested output format is not known",
                                        recipe_suggest(SUGGEST_MUXER, given->value));
    if (strcmp(given->value, "lavfi") == 0)
        return recipe_given_refuse(
            err, given, "inputs are files; sources such as anullsrc go into -filter_complex");
    return av_find_input_format(given->value) ||
           recipe_given_refuse_name(err, given, "Unknown input format",
                                    recipe_suggest(SUGGEST_DEMUXER, given->value));
}

static bool set_field(struct recipe_target *to, const struct recipe_given *given, bool turns_off,
                      struct error *err)
{
    const struct recipe_option *option = given->option;
    char *base = option->scope == RECIPE_GLOBAL ? (char *)to->recipe : (char *)to->file;
    void *field = base + option->offset;
    double number;

    if (!recipe_given_number(given, &number, err))
        return false;
    switch (option->action) {
    case RECIPE_SET_FLAG:
        *(bool *)field = !turns_off;
        return true;
    case RECIPE_SET_TIME:
        return av_parse_time(field, given->value, 1) >= 0 ||
               recipe_given_refuse(err, given, "Invalid duration specification");
    case RECIPE_SET_INTEGER:
        if (number < 0 && option->value == RECIPE_DECIMAL)
            return recipe_given_refuse(err, given, "expected 0 or more");
        *(int64_t *)field = (int64_t)fmin(number, 9e18);
        return true;
    case RECIPE_SET_REAL:
        *(double *)field = number;
        return true;
    default:
        set_text(field, given->value);
        return field != &to->file->format || set_format(to, given, err);
    }
}

static bool add_graph(struct recipe *recipe, const struct recipe_given *given, struct error *err)
{
    recipe->graphs = memory_grow(recipe->graphs, recipe->graph_count + 1, sizeof(char *));
    recipe->graphs[recipe->graph_count++] = memory_copy_text(given->value);
    return check_graph(given, false, err);
}

/* Options that the program hands to codecs by itself, whether they know them or not. */
static bool apply_codec_option(struct recipe_target *to, const struct recipe_given *given,
                               struct error *err)
{
    const char *key = given->specifier[0] ? given->word : given->option->text;

    if (!stream_specifier_is_valid(given->specifier))
        return error_set(err, ERROR_USAGE, "Avmap.Usage", "Invalid stream specifier: %s in '-%s'",
                         given->specifier, given->word);
    return av_dict_set(&to->file->codec_options, key, given->value, 0) >= 0;
}

static bool note(const struct recipe_target *to, const struct recipe_given *given,
                 struct error *err)
{
    double number;

    if (!recipe_given_number(given, &number, err))
        return false;
    /* What is parsed once more for the other norm has been said. */
    if (given->option->text && to->recipe->norm == RECIPE_PAL)
        log_info("note: -%s does nothing here: %s", given->word, given->option->text);
    return true;
}

static bool refuse_scope(const struct recipe_target *to, const struct recipe_given *given,
                         struct error *err)
{
    return error_set(
        err, ERROR_USAGE, "Avmap.Usage", "option '-%s' cannot be applied to the %s: give it %s",
        given->word, to->scope == RECIPE_INPUT ? "input" : "result",
        to->scope == RECIPE_INPUT ? "after -- or in output.file_options" : "with --input-options");
}

static bool apply(struct recipe_target *to, const struct recipe_given *given, bool turns_off,
                  struct error *err)
{
    const struct recipe_option *option = given->option;
    double number;

    if (!(option->scope & (to->scope | RECIPE_GLOBAL)))
        return refuse_scope(to, given, err);
    switch (option->action) {
    case RECIPE_ADD_SETTING:
        return apply_setting(to, given, err);
    case RECIPE_CODEC_OPTION:
        return apply_codec_option(to, given, err);
    case RECIPE_ADD_GRAPH:
        return add_graph(to->recipe, given, err);
    case RECIPE_ABORT_ON:
        return recipe_abort_flags(given->value, &to->recipe->abort_on) ||
               recipe_given_refuse(err, given,
                                   "expected empty_output or empty_output_stream, or both with +");
    case RECIPE_TIMECODE:
        return recipe_tags_timecode(to, given->value, err);
    case RECIPE_TIMESTAMP:
        return recipe_tags_timestamp(to, given->value, err);
    case RECIPE_ATTACH:
        return recipe_local_attach(to->file, given->value, err);
    case RECIPE_SET_LIBRARY:
        return recipe_given_number(given, &number, err) &&
               (libav_set(option->name, given->value) ||
                recipe_given_refuse(err, given, "no such flags"));
    case RECIPE_TARGET:
        return recipe_medium_apply(to, given->value, err);
    case RECIPE_NOTE:
        return note(to, given, err);
    case RECIPE_REFUSE:
        return error_set(err, ERROR_USAGE, "Avmap.Usage", "option '-%s' is not supported: %s",
                         given->word, option->text);
    default:
        return set_field(to, given, turns_off, err);
    }
}

/* The same with what is in the file that was given. */
static bool apply_file(struct recipe_target *to, const struct recipe_given *given,
                       struct error *err)
{
    char *text = recipe_local_text(given->value, err);
    struct recipe_given read = *given;
    bool ok;

    read.value = text;
    ok = text && apply(to, &read, false, err);
    free(text);
    return ok;
}

static bool takes_value(const struct recipe_option *option, bool turns_off)
{
    return !option || (!turns_off && option->value != RECIPE_SWITCH);
}

/* The option of that name, which is the word without its dash and specifier. */
static const struct recipe_option *find_option(const char *word, char name[NAME_SIZE],
                                               bool *turns_off)
{
    size_t length = strcspn(word, ":");

    snprintf(name, NAME_SIZE, "%.*s", length < NAME_SIZE ? (int)length : NAME_SIZE, word);
    return recipe_option_find(name, turns_off);
}

/* Sets *taken to how many words the option took. */
static bool parse_option(struct recipe_target *to, char *const *words, size_t count, size_t *taken,
                         struct error *err)
{
    const char *word = words[0] + 1;
    size_t length = strcspn(word, ":");
    struct recipe_given given = { .word = word,
                                  .specifier = word[length] ? word + length + 1 : "" };
    char name[NAME_SIZE];
    const char *problem;
    bool turns_off;

    given.option = find_option(word, name, &turns_off);
    *taken = takes_value(given.option, turns_off) ? 2 : 1;
    if (*taken > count && !given.option && !recipe_option_is_known(name))
        return refuse_unknown(err, name, words[0]);
    if (*taken > count)
        return error_set(err, ERROR_USAGE, "Avmap.Usage", "option '%s' has no value", words[0]);
    given.value = *taken == 2 ? words[1] : turns_off ? "0" : "1";
    if (given.option && given.option->value == RECIPE_FILE)
        return apply_file(to, &given, err);
    if (given.option)
        return apply(to, &given, turns_off, err);
    if (!stream_specifier_is_valid(given.specifier))
        return error_set(err, ERROR_USAGE, "Avmap.Usage", "Invalid stream specifier: %s in '%s'",
                         given.specifier, words[0]);
    problem = recipe_route_option(to->recipe, to->scope, word, given.value);
    if (problem && problem[0])
        return recipe_given_refuse(err, &given, problem);
    return !problem || refuse_unknown(err, name, words[0]);
}

size_t recipe_idle_words(char *const *words, size_t count, size_t *taken)
{
    const struct recipe_option *option;
    char name[NAME_SIZE];
    bool turns_off;

    *taken = 1;
    if (words[0][0] != '-' || !words[0][1])
        return 0;
    option = find_option(words[0] + 1, name, &turns_off);
    if (takes_value(option, turns_off) && count > 1)
        *taken = 2;
    return option && option->action == RECIPE_NOTE ? *taken : 0;
}

bool recipe_apply(struct recipe_target *to, char *const *words, size_t count, struct error *err)
{
    size_t taken = 0;

    for (size_t i = 0; i < count; i += taken) {
        if (words[i][0] != '-' || !words[i][1])
            return error_set(err, ERROR_USAGE, "Avmap.Usage",
                             "'%s' is not an option: output names follow from --suffix, --ext or "
                             "--name",
                             words[i]);
        if (!parse_option(to, words + i, count - i, &taken, err))
            return false;
    }
    return true;
}
