/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "items/selection.h"

static enum selection_verdict judge(const struct selection *selection, const char *key,
                                    uint64_t size, int64_t modified_ms)
{
    struct item item = {
        .object = { .key = memory_copy_text(key), .size = size, .modified_ms = modified_ms },
    };
    enum selection_verdict verdict = selection_judge(selection, &item, key);

    item_release(&item);
    return verdict;
}

static void test_selection_judge_drops_folder_markers_and_empty_objects(void **state)
{
    static const struct {
        const char *key;
        uint64_t size;
        enum selection_verdict verdict;
    } cases[] = {
        { "a/b.mp3", 1, SELECTION_PICKED },
        { "a/b.mp3", UINT64_C(5) << 40, SELECTION_PICKED },
        { "a/b.mp3", 0, SELECTION_EMPTY },
        { "a/", 0, SELECTION_FOLDER_MARKER },
        { "a/", 10, SELECTION_FOLDER_MARKER },
        { "/", 1, SELECTION_FOLDER_MARKER },
        { "a//", 1, SELECTION_FOLDER_MARKER },
        { "a/ ", 1, SELECTION_PICKED },
        { "\xff\x01", 1, SELECTION_PICKED },
        { "", 1, SELECTION_PICKED },
        { "", 0, SELECTION_EMPTY },
    };
    const struct selection all = { 0 };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        enum selection_verdict verdict = judge(&all, cases[i].key, cases[i].size, 0);

        if (verdict != cases[i].verdict)
            fail_msg("\"%s\", %ju bytes: %d", cases[i].key, (uintmax_t)cases[i].size, verdict);
    }
}

static void test_selection_judge_keeps_to_the_limits(void **state)
{
    static const struct {
        uint64_t min_size;
        uint64_t max_size;
        int64_t newer_than_ms;
        bool picked; /* 100 bytes, from second 1000 */
    } cases[] = {
        { 100, 0, 0, true },      { 101, 0, 0, false },     { 0, 100, 0, true },
        { 0, 99, 0, false },      { 100, 100, 0, true },    { 0, 0, 999999, true },
        { 0, 0, 1000000, false }, { 0, 0, 1000001, false }, { 1, 1000, 1, true },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct selection selection = { .min_size = cases[i].min_size,
                                             .max_size = cases[i].max_size,
                                             .newer_than_ms = cases[i].newer_than_ms };
        bool picked = judge(&selection, "x", 100, 1000000) == SELECTION_PICKED;

        if (picked != cases[i].picked)
            fail_msg("case %zu: %d", i, picked);
    }
}

/* A pattern each: "+" includes, "-" excludes. */
struct pattern_case {
    const char *name;
    const char *patterns[4];
    const char *key;
    bool wanted;
};

static void check(const struct pattern_case *expected)
{
    struct selection selection = { 0 };

    for (int i = 0; i < 4 && expected->patterns[i]; i++)
        selection_add_pattern(&selection, expected->patterns[i][0] == '+',
                              expected->patterns[i] + 1);
    if (selection_wants_name(&selection, expected->key) != expected->wanted)
        fail_msg("%s: %s", expected->name, expected->key);
    if (judge(&selection, expected->key, 1, 0) !=
        (expected->wanted ? SELECTION_PICKED : SELECTION_NOT_WANTED))
        fail_msg("%s: %s: judged otherwise", expected->name, expected->key);
    selection_release(&selection);
    assert_null(selection.patterns);
}

static void test_selection_wants_name_by_the_last_pattern_that_matches(void **state)
{
    static const struct pattern_case cases[] = {
        { "no pattern", { NULL }, "a", true },
        { "excluded", { "-*.txt" }, "a.txt", false },
        { "not excluded", { "-*.txt" }, "a.mp3", true },
        { "included", { "+*.mp3" }, "a.mp3", true },
        { "not included", { "+*.mp3" }, "a.txt", false },
        { "include after exclude", { "-*", "+*.mp3" }, "a.mp3", true },
        { "exclude after include", { "+*.mp3", "-a*" }, "a.mp3", false },
        { "include, exclude, include", { "+*.mp3", "-a*", "+ab*" }, "ab.mp3", true },
        { "first decides the rest", { "-x", "+y" }, "z", true },
        { "first decides the rest", { "+x", "-y" }, "z", false },
        { "star takes slashes", { "-a*z" }, "a/b/z", false },
        { "star takes leading dots", { "-*" }, ".hidden", false },
        { "whole name", { "-b" }, "a/b", true },
        { "question mark is one byte", { "-?" }, "a", false },
        { "question mark is one byte", { "-?" }, "ab", true },
        { "class", { "-[a-c]x" }, "bx", false },
        { "quoted star", { "-\\*" }, "x", true },
        { "open class is a bracket", { "-[x" }, "[x", false },
        { "bytes that are no UTF-8",
          { "-*\xff*" },
          "a\xff"
          "b",
          false },
        { "capitals count", { "-*.MP3" }, "a.mp3", true },
        { "empty pattern", { "-" }, "a", true },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        check(&cases[i]);
}

static void test_selection_leaves_out_only_where_no_name_can_be_picked(void **state)
{
    static const struct {
        const char *patterns[4];
        const char *start;
        const char *end;
        bool left_out;
    } cases[] = {
        { { NULL }, "out/", ".wav", false },
        { { "-out/*" }, "out/", "", true },
        { { "-o*" }, "out/", "", true },
        { { "-*" }, "", "", true },
        { { "-out/?*" }, "out/", "", false }, /* more than is proved */
        { { "-out/*.wav" }, "out/", ".wav", false },
        { { "-out" }, "out/", "", false },
        { { "-out/\\*" }, "out/", "", false },
        { { "-out/*" }, "", "", false },
        { { "-out/*", "+*.flac" }, "out/", ".flac", false },
        { { "-out/*", "+*.flac" }, "out/", "", false },
        { { "-out/*", "+*.flac" }, "out/", ".wav", true },
        { { "-out/*", "+in/*" }, "out/", "", true },
        { { "-out/*", "+o[a-z]*" }, "out/", "", false },
        { { "-out/*", "-x" }, "out/", "", true },
        { { "+*.wav" }, "out/", ".wav", false },
        { { "+*.mp3" }, "out/", ".wav", true },
        { { "+*.mp3", "-x" }, "out/", ".wav", true },
        { { "-x", "+*.mp3" }, "out/", ".wav", false },
        { { "+*.mp3", "+*.[a-w]av" }, "out/", ".wav", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct selection selection = { 0 };

        for (int j = 0; j < 4 && cases[i].patterns[j]; j++)
            selection_add_pattern(&selection, cases[i].patterns[j][0] == '+',
                                  cases[i].patterns[j] + 1);
        if (selection_leaves_out(&selection, cases[i].start, cases[i].end) != cases[i].left_out)
            fail_msg("case %zu", i);
        selection_release(&selection);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_selection_judge_drops_folder_markers_and_empty_objects),
        cmocka_unit_test(test_selection_judge_keeps_to_the_limits),
        cmocka_unit_test(test_selection_wants_name_by_the_last_pattern_that_matches),
        cmocka_unit_test(test_selection_leaves_out_only_where_no_name_can_be_picked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
