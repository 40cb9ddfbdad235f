/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "run/numbered_name.h"

static void test_numbered_name_next_counts_the_last_number_before_the_extension(void **state)
{
    static const struct {
        const char *name;
        const char *next;
    } cases[] = {
        { "a-001.wav", "a-002.wav" },
        { "a9.ts", "a10.ts" },
        { "a-099", "a-100" },
        { "1/x2y.mp3", "1/x3y.mp3" },
        { "12/x.mp3", NULL },
        { "x.mp3", NULL },
        { "", NULL },
        { "a999999999999999999999.ts", NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *next = numbered_name_next(cases[i].name);

        if (cases[i].next)
            assert_string_equal(next, cases[i].next);
        else
            assert_null(next);
        free(next);
    }
}

static void test_numbered_name_compare_keeps_rows_together(void **state)
{
    static const char *const ordered[] = { "a2.mp4", "a1.ts",  "a2.ts", "a10.ts",
                                           "a.m3u8", "b01.ts", "b1.ts", "c" };
    const int count = sizeof(ordered) / sizeof(ordered[0]);

    (void)state;
    for (int i = 0; i < count; i++) {
        for (int j = 0; j < count; j++) {
            int order = numbered_name_compare(ordered[i], ordered[j]);

            if ((order > 0) - (order < 0) != (i > j) - (i < j))
                fail_msg("%s and %s: %d", ordered[i], ordered[j], order);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbered_name_next_counts_the_last_number_before_the_extension),
        cmocka_unit_test(test_numbered_name_compare_keeps_rows_together),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
