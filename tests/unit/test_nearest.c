/* SPDX-License-Identifier: MIT */

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/nearest.h"

static void test_nearest_distance_counts_letters(void **state)
{
    static const struct {
        const char *one;
        const char *other;
        unsigned distance;
    } cases[] = {
        { "", "", 0 },
        { "jobs", "jobs", 0 },
        { "", "jobs", 4 },
        { "jobs", "job", 1 },
        { "jobs", "jabs", 1 },
        { "jobs", "xjobs", 1 },
        { "jobs", "josb", 1 },
        { "ab", "ba", 1 },
        { "abcd", "badc", 2 },
        { "ca", "abc", 3 }, /* no letter is touched twice */
        { "kitten", "sitting", 3 },
        { "results", "suffix", 6 },
        { "\xff\xfe", "\xfe\xff", 1 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        unsigned there = nearest_distance(cases[i].one, cases[i].other);
        unsigned back = nearest_distance(cases[i].other, cases[i].one);

        if (there != cases[i].distance || back != there)
            fail_msg("%s, %s: %u, %u", cases[i].one, cases[i].other, there, back);
    }
}

static void test_nearest_distance_reaches_63_bytes_and_no_further(void **state)
{
    char longest[64] = { 0 };
    char longer[65] = { 0 };

    (void)state;
    memset(longest, 'a', sizeof(longest) - 1);
    memset(longer, 'a', sizeof(longer) - 1);
    assert_int_equal(nearest_distance(longest, ""), 63);
    assert_int_equal(nearest_distance(longest, longest), 0);
    assert_true(nearest_distance(longer, longest) == UINT_MAX);
    assert_true(nearest_distance(longest, longer) == UINT_MAX);
    assert_true(nearest_distance(longer, longer) == UINT_MAX);
}

static void test_nearest_consider_suggests_what_was_probably_meant(void **state)
{
    static const char *const names[] = { "suffix", "jobs",   "job",    "cpus",
                                         "memory", "region", "run-id", "verbose" };

    static const struct {
        const char *typed;
        const char *meant;
    } cases[] = {
        { "sufix", "suffix" }, { "suffxi", "suffix" },  { "jbos", "jobs" }, { "jobss", "jobs" },
        { "jo", "job" },       { "cpu", "cpus" },       { "mem", NULL },    { "memroy", "memory" },
        { "runid", "run-id" }, { "verbos", "verbose" }, { "", NULL },       { "x", NULL },
        { "overwrite", NULL }, { "ac", NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *best = NULL;

        for (size_t j = 0; j < sizeof(names) / sizeof(names[0]); j++)
            nearest_consider(cases[i].typed, names[j], &best);
        if (best ? !cases[i].meant || strcmp(best, cases[i].meant) != 0 : cases[i].meant != NULL)
            fail_msg("%s: %s", cases[i].typed, best ? best : "nothing");
    }
}

static void test_nearest_consider_keeps_the_first_of_equals(void **state)
{
    const char *best = NULL;

    (void)state;
    nearest_consider("jobx", "joba", &best);
    nearest_consider("jobx", "jobb", &best);
    assert_string_equal(best, "joba");
    nearest_consider("jobx", "jobx", &best);
    assert_string_equal(best, "jobx");
}

static void test_nearest_consider_suggests_nothing_for_a_very_long_word(void **state)
{
    char typed[5000] = { 0 };
    const char *best = NULL;

    (void)state;
    memset(typed, 'x', sizeof(typed) - 1);
    nearest_consider(typed, "jobs", &best);
    assert_null(best);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nearest_distance_counts_letters),
        cmocka_unit_test(test_nearest_distance_reaches_63_bytes_and_no_further),
        cmocka_unit_test(test_nearest_consider_suggests_what_was_probably_meant),
        cmocka_unit_test(test_nearest_consider_keeps_the_first_of_equals),
        cmocka_unit_test(test_nearest_consider_suggests_nothing_for_a_very_long_word),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
