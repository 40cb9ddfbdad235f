/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/shell_words.h"

enum { MOST = 6 };

struct words_case {
    const char *name;
    const char *text;
    const char *words[MOST]; /* NULL behind the last one */
};

static void check(const struct words_case *expected)
{
    struct shell_words words;
    struct error err;
    size_t count = 0;

    if (!shell_words_split(expected->text, &words, &err))
        fail_msg("%s: refused: %s", expected->name, err.text);
    while (count < MOST && expected->words[count])
        count++;
    if (words.count != count)
        fail_msg("%s: %zu words", expected->name, words.count);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(words.words[i], expected->words[i]) != 0)
            fail_msg("%s: word %zu is \"%s\"", expected->name, i, words.words[i]);
    }
    shell_words_release(&words);
}

static void test_shell_words_split_splits_as_a_shell(void **state)
{
    static const struct words_case cases[] = {
        { "nothing", "", { NULL } },
        { "blanks only", " \t\r\n ", { NULL } },
        { "options", "-ac 1 -ar 48000", { "-ac", "1", "-ar", "48000" } },
        { "blanks around", "  a\t\nb\r ", { "a", "b" } },
        { "single quotes", "'a b' c", { "a b", "c" } },
        { "double quotes", "\"a b\" c", { "a b", "c" } },
        { "quotes inside a word", "a'b c'd\"e f\"g", { "ab cde fg" } },
        { "empty words", "'' \"\" x", { "", "", "x" } },
        { "empty quotes in a word", "a''b\"\"", { "ab" } },
        { "backslash is itself in single quotes", "'a\\b\\'", { "a\\b\\" } },
        { "double quotes in single quotes", "'\"'", { "\"" } },
        { "single quotes in double quotes", "\"'\"", { "'" } },
        { "quoted blank", "a\\ b", { "a b" } },
        { "quoted quotes", "\\' \\\"", { "'", "\"" } },
        { "quoted backslash", "\\\\", { "\\" } },
        { "backslash before a letter", "\\n", { "n" } },
        { "backslash at the end", "a\\", { "a\\" } },
        { "backslash alone", "\\", { "\\" } },
        { "backslashes in double quotes", "\"\\$\\`\\\"\\\\\\n\"", { "$`\"\\\\n" } },
        { "nothing is expanded", "$HOME *.c ~ `ls` #x", { "$HOME", "*.c", "~", "`ls`", "#x" } },
        { "a filter",
          "-af \"aformat=s16,volume='0.5*t':eval=frame\"",
          { "-af", "aformat=s16,volume='0.5*t':eval=frame" } },
        { "bytes that are no UTF-8", "\xff\xfe '\x80 \x81'", { "\xff\xfe", "\x80 \x81" } },
        { "vertical tab is no blank", "a\vb", { "a\vb" } },
        { "line continued in a word", "a\\\nb", { "ab" } },
        { "line continued in double quotes", "\"a\\\nb\"", { "ab" } },
        { "line kept in single quotes", "'a\\\nb'", { "a\\\nb" } },
        { "line continued between words", "-ac 1 \\\n  -ar 2", { "-ac", "1", "-ar", "2" } },
        { "line continued before a word", "a \\\nb", { "a", "b" } },
        { "lines continued only", "\\\n \\\n\\\n", { NULL } },
        { "empty word before a continued line", "'' \\\n", { "" } },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        check(&cases[i]);
}

static void test_shell_words_split_refuses_an_open_quote(void **state)
{
    static const char *const texts[] = { "'",       "\"",    "a b 'c d", "a \"b",
                                         "\"a\\\"", "\"a\\", "'a\\'b'" };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct shell_words words;
        struct error err;

        if (shell_words_split(texts[i], &words, &err))
            fail_msg("accepted: %s", texts[i]);
        assert_int_equal(err.kind, ERROR_USAGE);
        if (!strstr(err.text, texts[i]))
            fail_msg("not named: %s", err.text);
        shell_words_release(&words);
    }
}

static void test_shell_words_split_takes_very_many_and_very_long_words(void **state)
{
    enum { COUNT = 20000, LENGTH = 2 * COUNT };

    char *text = memory_new(LENGTH + 1, 1);
    struct shell_words words;
    struct error err;

    (void)state;
    for (int i = 0; i < LENGTH; i++)
        text[i] = i % 2 ? ' ' : 'x';
    assert_true(shell_words_split(text, &words, &err));
    assert_int_equal(words.count, COUNT);
    shell_words_release(&words);
    memset(text, 'y', LENGTH);
    assert_true(shell_words_split(text, &words, &err));
    assert_int_equal(words.count, 1);
    assert_string_equal(words.words[0], text);
    shell_words_release(&words);
    free(text);
}

static void test_shell_words_release_leaves_no_words(void **state)
{
    struct shell_words words;
    struct error err;

    (void)state;
    assert_true(shell_words_split("a b", &words, &err));
    shell_words_release(&words);
    assert_int_equal(words.count, 0);
    assert_null(words.words);
    shell_words_release(&words);
}

static void test_shell_words_join_is_undone_by_split(void **state)
{
    static const char *const words[] = { "plain", "",           "two words", "it's",
                                         "a\\b",  "$(x) \"y\"", "\n" };

    enum { COUNT = sizeof(words) / sizeof(words[0]) };

    char *text = shell_words_join((char *const *)words, COUNT);
    struct shell_words again;
    struct error err;

    (void)state;
    assert_true(shell_words_split(text, &again, &err));
    assert_int_equal(again.count, COUNT);
    for (size_t i = 0; i < COUNT; i++)
        assert_string_equal(again.words[i], words[i]);
    shell_words_release(&again);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shell_words_split_splits_as_a_shell),
        cmocka_unit_test(test_shell_words_split_refuses_an_open_quote),
        cmocka_unit_test(test_shell_words_split_takes_very_many_and_very_long_words),
        cmocka_unit_test(test_shell_words_release_leaves_no_words),
        cmocka_unit_test(test_shell_words_join_is_undone_by_split),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
