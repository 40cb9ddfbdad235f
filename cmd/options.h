/* SPDX-License-Identifier: MIT */

/*
 * Command-line options from one table: parsing, limits, defaults, help and the AVMAP_<OPTION>
 * environment variables all follow from its rows.
 * Threads: before the first thread.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "run/run_settings.h"

enum option_kind {
    OPTION_FLAG,     /* bool */
    OPTION_COUNT,    /* unsigned */
    OPTION_COUNT64,  /* uint64_t */
    OPTION_SIZE,     /* uint64_t, bytes */
    OPTION_DURATION, /* uint64_t, milliseconds */
    OPTION_REAL,     /* double */
    OPTION_TIME,     /* int64_t, wall milliseconds; typed as a date or as an age */
    OPTION_TEXT,     /* const char *, borrowed from the command line or environment */
    OPTION_ANY_TEXT, /* the same, but it may be empty */
    OPTION_PAIRS,    /* the same as a text; may be repeated, which puts commas between */
    OPTION_CHOICE,   /* an enum: the position in choices */
    OPTION_INCLUDE,  /* struct selection; may be repeated */
    OPTION_EXCLUDE,
    OPTION_HEADING, /* no option: what the help says above those that follow */
};

struct option_spec {
    const char *name;
    char letter; /* 0: none */
    enum option_kind kind;
    size_t offset; /* of the field in the struct that options are parsed into */
    const char *argument;
    const char *const *choices; /* ends in NULL */
    uint64_t min;               /* of numbers; of times whether 0 is one */
    uint64_t max;
    const char *help;
};

/* The field's offset; does not compile unless the field has the type that its kind needs. */
/* NOLINTNEXTLINE(bugprone-macro-parentheses): wanted is a type */
#define OPTION_FIELD(type, field, wanted)                                                          \
    (offsetof(type, field) +                                                                       \
     _Generic(((type *)0)->field, wanted : 0)) /* NOLINT(bugprone-macro-parentheses): a type */

/* clang-format off */
#define OPTION_ROW(type, name, letter, kind, field, wanted, argument, choices, min, max, help) \
    { name, letter, kind, OPTION_FIELD(type, field, wanted), argument, choices, min, max, help }
#define OPTION_ROW_TEXT(type, name, letter, field, argument, help) \
    OPTION_ROW(type, name, letter, OPTION_TEXT, field, const char *, argument, NULL, 0, 0, help)
#define OPTION_ROW_FLAG(type, name, letter, field, help) \
    OPTION_ROW(type, name, letter, OPTION_FLAG, field, bool, NULL, NULL, 0, 0, help)
#define OPTION_ROW_HEADING(text) { text, 0, OPTION_HEADING, 0, NULL, NULL, 0, 0, NULL }
/* hint: what to do instead of an option that there is not; NULL: nothing. */
#define OPTION_ROWS_END(hint) { NULL, 0, OPTION_FLAG, 0, NULL, NULL, 0, 0, hint }

/* clang-format on */

/* What is left of the command line: words that are no options, and all words after "--". */
struct option_words {
    char **words; /* owned; the words are borrowed */
    size_t count;
    char *const *rest; /* borrowed; what follows "--" */
    size_t rest_count;
    struct run_option *given; /* owned; every option, from the environment too; values borrowed */
    size_t given_count;
    size_t inherited; /* how many of them the environment gave: the others were typed */
    char **joined;    /* owned; values that were typed in pieces */
    size_t joined_count;
};

/*
 * Fills target, first from the environment, then from the count words of argv. specs ends with a
 * row without name, OPTION_ROWS_END. Fails with ERROR_USAGE.
 */
bool options_parse(const struct option_spec *specs, void *target, size_t count, char *const *argv,
                   struct option_words *words, struct error *err);
void options_release(struct option_words *words);

/*
 * Sets one option by its name, before options_parse, which may set it again. One that is not in the
 * table is passed over: it was for another command. Fails with ERROR_USAGE.
 */
bool options_preset(const struct option_spec *specs, void *target, const struct run_option *option,
                    struct error *err);

/* Prints one line per option, and the headings, to stdout. */
void options_print(const struct option_spec *specs);
