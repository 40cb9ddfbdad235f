/* SPDX-License-Identifier: MIT */

/* Word splitting with quotes. */

#include "base/shell_words.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"

static const char blanks[] = " \t\r\n";

static void add_word(struct shell_words *words, struct buffer *word)
{
    words->words = memory_grow(words->words, words->count + 1, sizeof(*words->words));
    words->words[words->count++] = buffer_take(word);
}

/* What is between double quotes; a backslash quotes only what is special there. */
static const char *read_double_quoted(const char *at, struct buffer *word)
{
    for (; *at && *at != '"'; at++) {
        if (*at == '\\' && at[1] && strchr("$`\"\\\n", at[1])) {
            at++;
            if (*at == '\n')
                continue;
        }
        buffer_append(word, at, 1);
    }
    return *at ? at + 1 : NULL;
}

static const char *read_single_quoted(const char *at, struct buffer *word)
{
    size_t length = strcspn(at, "'");

    buffer_append(word, at, length);
    return at[length] ? at + length + 1 : NULL;
}

/* One word up to the next blank; NULL when a quote in it is not closed. */
static const char *read_word(const char *at, struct buffer *word)
{
    while (at && *at && !strchr(blanks, *at)) {
        if (*at == '\'') {
            at = read_single_quoted(at + 1, word);
        } else if (*at == '"') {
            at = read_double_quoted(at + 1, word);
        } else if (*at == '\\' && at[1]) {
            if (at[1] != '\n')
                buffer_append(word, at + 1, 1);
            at += 2;
        } else {
            buffer_append(word, at, 1);
            at++;
        }
    }
    return at;
}

/* A backslash and a line end are nothing at all, so they cannot begin a word either. */
static const char *skip_blanks(const char *at)
{
    for (;;) {
        at += strspn(at, blanks);
        if (at[0] != '\\' || at[1] != '\n')
            return at;
        at += 2;
    }
}

bool shell_words_split(const char *text, struct shell_words *words, struct error *err)
{
    *words = (struct shell_words){ 0 };
    for (const char *at = skip_blanks(text); *at; at = skip_blanks(at)) {
        struct buffer word;

        buffer_init(&word, SIZE_MAX);
        at = read_word(at, &word);
        if (!at) {
            buffer_release(&word);
            return error_set(err, ERROR_USAGE, "Avmap.Usage", "a quote is not closed in: %s", text);
        }
        add_word(words, &word);
    }
    return true;
}

void shell_words_release(struct shell_words *words)
{
    for (size_t i = 0; i < words->count; i++)
        free(words->words[i]);
    free(words->words);
    *words = (struct shell_words){ 0 };
}

char *shell_words_join(char *const *words, size_t count)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-+=:,./@%";
    struct buffer text;

    buffer_init(&text, SIZE_MAX);
    for (size_t i = 0; i < count; i++) {
        bool is_plain = words[i][0] && !words[i][strspn(words[i], plain)];

        buffer_append_text(&text, i ? " " : "");
        if (is_plain) {
            buffer_append_text(&text, words[i]);
            continue;
        }
        buffer_append_text(&text, "'");
        for (const char *at = words[i]; *at; at++)
            buffer_append(&text, *at == '\'' ? "'\\''" : at, *at == '\'' ? 4 : 1);
        buffer_append_text(&text, "'");
    }
    return buffer_take(&text);
}
