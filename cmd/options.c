/* SPDX-License-Identifier: MIT */

/* Parses options by table. */

#include "options.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/nearest.h"
#include "base/number.h"
#include "run/run_settings.h"

static bool refuse_value(const char *label, const char *value, const char *wanted,
                         struct error *err)
{
    return error_set(err, ERROR_USAGE, "Avmap.Usage", "%s: \"%s\" is not %s", label, value, wanted);
}

static bool is_in_range(const struct option_spec *spec, uint64_t number)
{
    return number >= spec->min && number <= spec->max;
}

static bool set_count(const struct option_spec *spec, void *field, const char *label,
                      const char *value, struct error *err)
{
    uint64_t number;
    char wanted[128];

    if (number_parse_count(value, spec->max, &number) && is_in_range(spec, number)) {
        if (spec->kind == OPTION_COUNT64)
            *(uint64_t *)field = number;
        else
            *(unsigned *)field = (unsigned)number;
        return true;
    }
    snprintf(wanted, sizeof(wanted), "a whole number from %" PRIu64 " to %" PRIu64, spec->min,
             spec->max);
    return refuse_value(label, value, wanted, err);
}

static bool set_size(const struct option_spec *spec, uint64_t *field, const char *label,
                     const char *value, struct error *err)
{
    char wanted[128];

    if (number_parse_size(value, field) && is_in_range(spec, *field))
        return true;
    snprintf(wanted, sizeof(wanted), "a size of at least %" PRIu64 " bytes, such as 64M or 1.5G",
             spec->min);
    return refuse_value(label, value, wanted, err);
}

static bool set_duration(uint64_t *field, const char *label, const char *value, struct error *err)
{
    if (number_parse_duration(value, field) && *field <= INT64_MAX / 1000)
        return true;
    return refuse_value(label, value, "a time such as 200ms, 1.5s, 10m or 2h", err);
}

static bool set_real(const struct option_spec *spec, double *field, const char *label,
                     const char *value, struct error *err)
{
    char wanted[128];
    char *end;

    *field = strtod(value, &end);
    if (isdigit((unsigned char)value[0]) && !value[strspn(value, "0123456789.")] && !*end &&
        *field >= (double)spec->min && *field <= (double)spec->max)
        return true;
    snprintf(wanted, sizeof(wanted), "a number from %" PRIu64 " to %" PRIu64, spec->min, spec->max);
    return refuse_value(label, value, wanted, err);
}

/* "2026-11-21T00:00:00Z", "2026-11-21", or "2d": that long ago. */
static bool set_time(int64_t *field, const char *label, const char *value, struct error *err)
{
    char *midnight = memory_format("%sT00:00:00Z", value);
    uint64_t age_ms;
    bool ok = clock_parse_iso(value, field) || clock_parse_iso(midnight, field);

    free(midnight);
    if (ok)
        return true;
    if (!number_parse_duration(value, &age_ms) || age_ms > (uint64_t)clock_wall_ms())
        return refuse_value(label, value, "a date such as 2026-11-21 or an age such as 2d", err);
    *field = clock_wall_ms() - (int64_t)age_ms;
    return true;
}

static bool set_choice(const struct option_spec *spec, unsigned *field, const char *label,
                       const char *value, struct error *err)
{
    char wanted[128] = "one of";

    for (unsigned i = 0; spec->choices[i]; i++) {
        if (strcmp(spec->choices[i], value) == 0) {
            *field = i;
            return true;
        }
        snprintf(wanted + strlen(wanted), sizeof(wanted) - strlen(wanted), " %s", spec->choices[i]);
    }
    return refuse_value(label, value, wanted, err);
}

/* A flag has a value in the environment only. */
static bool set_flag(bool *field, const char *label, const char *value, struct error *err)
{
    static const char *const yes[] = { "1", "true", "yes", "on" };
    static const char *const no[] = { "0", "false", "no", "off", "" };

    for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
        bool is_yes = i < sizeof(yes) / sizeof(yes[0]) && strcasecmp(value, yes[i]) == 0;

        if (is_yes || strcasecmp(value, no[i]) == 0) {
            *field = is_yes;
            return true;
        }
    }
    return refuse_value(label, value, "true or false", err);
}

/* label is what the user wrote: "--jobs", "-j" or "AVMAP_JOBS". */
static bool set_value(const struct option_spec *spec, void *target, const char *label,
                      const char *value, struct error *err)
{
    void *field = (char *)target + spec->offset;

    switch (spec->kind) {
    case OPTION_FLAG:
        return set_flag(field, label, value, err);
    case OPTION_COUNT:
    case OPTION_COUNT64:
        return set_count(spec, field, label, value, err);
    case OPTION_SIZE:
        return set_size(spec, field, label, value, err);
    case OPTION_DURATION:
        return set_duration(field, label, value, err);
    case OPTION_REAL:
        return set_real(spec, field, label, value, err);
    case OPTION_TIME:
        return set_time(field, label, value, err);
    case OPTION_CHOICE:
        return set_choice(spec, field, label, value, err);
    case OPTION_INCLUDE:
    case OPTION_EXCLUDE:
        selection_add_pattern(field, spec->kind == OPTION_INCLUDE, value);
        return true;
    case OPTION_TEXT:
    case OPTION_PAIRS:
        if (!value[0])
            return error_set(err, ERROR_USAGE, "Avmap.Usage", "%s needs a value, not \"\"", label);
        *(const char **)field = value;
        return true;
    case OPTION_ANY_TEXT:
        *(const char **)field = value;
        return true;
    }
    abort();
}

/* What was typed of this option so far, or NULL. */
static struct run_option *find_typed(const struct option_words *words, const char *name)
{
    for (size_t i = words->typed; i < words->given_count; i++) {
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
        return set_value(spec, target, label, typed->value, err);
    }
    words->given = memory_grow(words->given, words->given_count + 1, sizeof(*words->given));
    words->given[words->given_count++] = (struct run_option){ spec->name, value };
    return set_value(spec, target, label, value, err);
}

static bool read_environment(const struct option_spec *specs, void *target,
                             struct option_words *words, struct error *err)
{
    for (const struct option_spec *spec = specs; spec->name; spec++) {
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
    for (const struct option_spec *spec = specs; spec->name; spec++) {
        if (strncmp(spec->name, name, length) == 0 && !spec->name[length])
            return spec;
    }
    return NULL;
}

static const struct option_spec *find_letter(const struct option_spec *specs, char letter)
{
    for (const struct option_spec *spec = specs; spec->name; spec++) {
        if (spec->letter == letter)
            return spec;
    }
    return NULL;
}

static bool refuse_unknown(const struct option_spec *specs, const char *word, struct error *err)
{
    char *name = memory_copy_bytes(word + 2, strcspn(word + 2, "="));
    const char *best = NULL;

    for (const struct option_spec *spec = specs; spec->name; spec++)
        nearest_consider(name, spec->name, &best);
    free(name);
    if (best && word[1] == '-')
        return error_set(err, ERROR_USAGE, "Avmap.Usage", "unknown option %s; did you mean --%s?",
                         word, best);
    return error_set(err, ERROR_USAGE, "Avmap.Usage",
                     "unknown option %s; ffmpeg's options go after --", word);
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

    return !spec || set_value(spec, target, option->name, option->value, err);
}

bool options_parse(const struct option_spec *specs, void *target, size_t count, char *const *argv,
                   struct option_words *words, struct error *err)
{
    size_t used;

    *words = (struct option_words){ .words = memory_new(count, sizeof(*words->words)) };
    if (!read_environment(specs, target, words, err))
        return false;
    words->typed = words->given_count;
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

        if (spec->letter)
            snprintf(letter, sizeof(letter), "-%c, ", spec->letter);
        snprintf(left, sizeof(left), "%s--%s%s%s", letter, spec->name, spec->argument ? " " : "",
                 spec->argument ? spec->argument : "");
        printf("  %-34s %s\n", left, spec->help);
    }
}
