/* SPDX-License-Identifier: MIT */

/* Parses options by table. */

#include "options.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/nearest.h"
#include "option_value.h"
#include "run/run_settings.h"

/* The first option from here on; at the end the row without name. */
static const struct option_spec *next_option(const struct option_spec *spec)
{
    while (spec->kind == OPTION_HEADING)
        spec++;
    return spec;
}

/* What was typed of this option so far, or NULL. */
static struct run_option *find_typed(const struct option_words *words, const char *name)
{
    for (size_t i = words->inherited; i < words->given_count; i++) {
        if (strcmp(words->given[i].name, name) == 0)
            return &words->given[i];
    }
    return NULL;
}

static const char *join(struct option_words *words, const char *one, const char *two)
{
    char *joined = memory_format("%s,%s", one, two);

    words->joined = memory_grow(words->joined, words->joined_count + 1, sizeof(*words->joined));
    return words->joined[words->joined_count++] = joined;
}

/* Sets a value and keeps note of it. */
static bool give(const struct option_spec *spec, void *target, const char *label, const char *value,
                 struct option_words *words, struct error *err)
{
    struct run_option *typed = spec->kind == OPTION_PAIRS ? find_typed(words, spec->name) : NULL;

    if (typed) {
        typed->value = join(words, typed->value, value);
        return option_value_set(spec, target, label, typed->value, err);
    }
    words->given = memory_grow(words->given, words->given_count + 1, sizeof(*words->given));
    words->given[words->given_count++] = (struct run_option){ spec->name, value };
    return option_value_set(spec, target, label, value, err);
}

static bool read_environment(const struct option_spec *specs, void *target,
                             struct option_words *words, struct error *err)
{
    for (const struct option_spec *spec = next_option(specs); spec->name;
         spec = next_option(spec + 1)) {
        char *variable = memory_format("AVMAP_%s", spec->name);
        const char *value;
        bool ok = true;

        for (char *at = variable; *at; at++)
            *at = (char)(*at == '-' ? '_' : toupper((unsigned char)*at));
        value = getenv(variable);
        /* An orchestrator's template often sets what it does not use to "". */
        if (value && value[0])
            ok = give(spec, target, variable, value, words, err);
        free(variable);
        if (!ok)
            return false;
    }
    return true;
}

static const struct option_spec *find_name(const struct option_spec *specs, const char *name,
                                           size_t length)
{
    for (const struct option_spec *spec = next_option(specs); spec->name;
         spec = next_option(spec + 1)) {
        if (strncmp(spec->name, name, length) == 0 && !spec->name[length])
            return spec;
    }
    return NULL;
}

static const struct option_spec *find_letter(const struct option_spec *specs, char letter)
{
    for (const struct option_spec *spec = next_option(specs); spec->name;
         spec = next_option(spec + 1)) {
        if (spec->letter == letter)
            return spec;
    }
    return NULL;
}

static bool refuse_unknown(const struct option_spec *specs, const char *word, struct error *err)
{
    char *name = memory_copy_bytes(word + 2, strcspn(word + 2, "="));
    const struct option_spec *spec = next_option(specs);
    const char *best = NULL;

    for (; spec->name; spec = next_option(spec + 1))
        nearest_consider(name, spec->name, &best);
    free(name);
    if (best && word[1] == '-')
        return error_set(err, ERROR_USAGE, "Avmap.Usage", "unknown option %s; did you mean --%s?",
                         word, best);
    return error_set(err, ERROR_USAGE, "Avmap.Usage", "unknown option %s%s%s", word,
                     spec->help ? "; " : "", spec->help ? spec->help : "");
}

/* "-suffix", as ffmpeg would have it: read as -s with the value "uffix" it would do harm. */
static bool is_long_with_one_dash(const struct option_spec *specs, const char *word)
{
    return word[1] != '-' && find_name(specs, word + 1, strcspn(word + 1, "="));
}

/* One option with its value, which may be the next word; how many words that took, 0: err is
 * filled.
 */
static size_t parse_option(const struct option_spec *specs, void *target, size_t count,
                           char *const *argv, struct option_words *words, struct error *err)
{
    const char *word = argv[0];
    bool is_long = word[1] == '-';
    size_t length = is_long ? strcspn(word + 2, "=") : 1;
    const struct option_spec *spec =
        is_long ? find_name(specs, word + 2, length) : find_letter(specs, word[1]);
    const char *value = is_long ? word + 2 + length : word + 2;
    bool has_value = *value;
    char label[64];

    if (is_long_with_one_dash(specs, word))
        return error_set(err, ERROR_USAGE, "Avmap.Usage", "unknown option %s; did you mean -%s?",
                         word, word);
    if (!spec)
        return refuse_unknown(specs, word, err);
    snprintf(label, sizeof(label), "%.*s", (int)(is_long ? length + 2 : 2), word);
    if (spec->kind == OPTION_FLAG && has_value)
        return error_set(err, ERROR_USAGE, "Avmap.Usage", "%s takes no value", label);
    if (spec->kind == OPTION_FLAG)
        return give(spec, target, label, "true", words, err);
    if (has_value)
        return give(spec, target, label, value + is_long, words, err);
    if (count < 2 || strcmp(argv[1], "--") == 0)
        return error_set(err, ERROR_USAGE, "Avmap.Usage", "%s needs a value: %s", label,
                         spec->argument);
    return give(spec, target, label, argv[1], words, err) ? 2 : 0;
}

bool options_preset(const struct option_spec *specs, void *target, const struct run_option *option,
                    struct error *err)
{
    const struct option_spec *spec = find_name(specs, option->name, strlen(option->name));

    return !spec || option_value_set(spec, target, option->name, option->value, err);
}

bool options_parse(const struct option_spec *specs, void *target, size_t count, char *const *argv,
                   struct option_words *words, struct error *err)
{
    size_t used;

    *words = (struct option_words){ .words = memory_new(count, sizeof(*words->words)) };
    if (!read_environment(specs, target, words, err))
        return false;
    words->inherited = words->given_count;
    for (size_t i = 0; i < count; i += used) {
        if (strcmp(argv[i], "--") == 0) {
            words->rest = argv + i + 1;
            words->rest_count = count - i - 1;
            return true;
        }
        used = 1;
        if (argv[i][0] != '-' || !argv[i][1])
            words->words[words->count++] = argv[i];
        else
            used = parse_option(specs, target, count - i, argv + i, words, err);
        if (!used)
            return false;
    }
    return true;
}

void options_release(struct option_words *words)
{
    free(words->words);
    free(words->given);
    for (size_t i = 0; i < words->joined_count; i++)
        free(words->joined[i]);
    free(words->joined);
}

void options_print(const struct option_spec *specs)
{
    for (const struct option_spec *spec = specs; spec->name; spec++) {
        char left[64];
        char letter[8] = "    ";

        if (spec->kind == OPTION_HEADING) {
            printf("\n%s:\n", spec->name);
            continue;
        }
        if (spec->letter)
            snprintf(letter, sizeof(letter), "-%c, ", spec->letter);
        snprintf(left, sizeof(left), "%s--%s%s%s", letter, spec->name, spec->argument ? " " : "",
                 spec->argument ? spec->argument : "");
        printf("  %-36s %s\n", left, spec->help);
    }
}
