/* SPDX-License-Identifier: MIT */

/*
 * The lines of one of AWS's shared files: sections, settings, and lines that go on with the setting
 * above them. What they mean is for the reader to say.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum profile_line_kind {
    PROFILE_LINE_END,
    PROFILE_LINE_SECTION, /* name: what stands between the brackets */
    PROFILE_LINE_SETTING, /* name, in lower case, and value, "" when more lines are its value */
    PROFILE_LINE_NESTED,  /* a setting inside one with an empty value: name, value, text */
    PROFILE_LINE_MORE,    /* text: one more line of the value above */
};

/* All owned; NULL where the kind has none. */
struct profile_line {
    enum profile_line_kind kind;
    char *name;
    char *value;
    char *text; /* the whole line without the white space around it */
};

struct profile_text {
    const char *rest; /* borrowed */
    unsigned number;  /* of the last line read */
    bool in_section;
    bool in_setting;
    bool has_nested; /* the setting's own value is empty */
    size_t indent;   /* of the setting */
};

void profile_text_init(struct profile_text *text, const char *bytes);

/* Fails with ERROR_USAGE, naming the line, when it is neither of these. */
bool profile_text_next(struct profile_text *text, struct profile_line *line, struct error *err);

/* Wipes it, as values may be secrets. */
void profile_line_release(struct profile_line *line);
