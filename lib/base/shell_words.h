/* SPDX-License-Identifier: MIT */

/*
 * Splits text into words as a POSIX shell does (quotes and backslashes), expanding nothing, and
 * puts words together so that a shell would split them again. Source: POSIX.1-2017, Shell Command
 * Language, 2.2 Quoting. Threads: safe.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/error.h"

struct shell_words {
    char **words; /* owned, each too */
    size_t count;
};

/* Fails with ERROR_USAGE when a quote is not closed. Release the words also after a failure. */
bool shell_words_split(const char *text, struct shell_words *words, struct error *err);
void shell_words_release(struct shell_words *words);

/* One line that splits into these words again; the caller frees it. */
MUST_USE char *shell_words_join(char *const *words, size_t count);
