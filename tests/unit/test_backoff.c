/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/backoff.h"

static void test_backoff_limit_grows_by_the_rate_up_to_the_longest_delay(void **state)
{
    static const struct {
        const char *name;
        struct backoff backoff;
        unsigned attempt;
        uint64_t limit_ms;
    } cases[] = {
        { "first", { 3, 1000, 2, 20000, BACKOFF_NO_JITTER }, 1, 1000 },
        { "second", { 3, 1000, 2, 20000, BACKOFF_NO_JITTER }, 2, 2000 },
        { "fifth", { 9, 1000, 2, 20000, BACKOFF_NO_JITTER }, 5, 16000 },
        { "capped", { 9, 1000, 2, 20000, BACKOFF_NO_JITTER }, 6, 20000 },
        { "a part of a rate", { 9, 1000, 1.5, 20000, BACKOFF_NO_JITTER }, 3, 2250 },
        { "a rate of one", { 9, 700, 1, 20000, BACKOFF_NO_JITTER }, 1000, 700 },
        { "interval over the cap", { 9, 5000, 2, 100, BACKOFF_NO_JITTER }, 1, 100 },
        { "no interval", { 9, 0, 2, 20000, BACKOFF_NO_JITTER }, 5, 0 },
        { "no interval, a power past any double", { 9, 0, 1000, 9, BACKOFF_NO_JITTER }, 1000, 0 },
        { "a power past any double", { 9, 1, 1000, 20000, BACKOFF_NO_JITTER }, 1000, 20000 },
        { "no delay at all", { 9, 1000, 2, 0, BACKOFF_NO_JITTER }, 3, 0 },
        { "the most", { 9, UINT64_MAX, 2, INT64_MAX, BACKOFF_NO_JITTER }, 2, INT64_MAX },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint64_t limit_ms = backoff_limit_ms(&cases[i].backoff, cases[i].attempt);

        if (limit_ms != cases[i].limit_ms)
            fail_msg("%s: %llu", cases[i].name, (unsigned long long)limit_ms);
        assert_int_equal(backoff_delay_ms(&cases[i].backoff, cases[i].attempt), limit_ms);
    }
}

static void test_backoff_delay_with_jitter_is_drawn_from_nothing_to_the_limit(void **state)
{
    const struct backoff backoff = { 3, 9, 1, 9, BACKOFF_FULL_JITTER };
    unsigned drawn[10] = { 0 };

    (void)state;
    for (int i = 0; i < 10000; i++) {
        uint64_t delay_ms = backoff_delay_ms(&backoff, 1);

        assert_in_range(delay_ms, 0, 9);
        drawn[delay_ms]++;
    }
    /* 1000 of each are expected, with a deviation of 30. */
    for (int i = 0; i < 10; i++)
        assert_in_range(drawn[i], 700, 1300);
}

static void test_backoff_delay_with_jitter_of_nothing_is_nothing(void **state)
{
    const struct backoff backoff = { 3, 0, 2, 1000, BACKOFF_FULL_JITTER };

    (void)state;
    assert_int_equal(backoff_delay_ms(&backoff, 3), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_backoff_limit_grows_by_the_rate_up_to_the_longest_delay),
        cmocka_unit_test(test_backoff_delay_with_jitter_is_drawn_from_nothing_to_the_limit),
        cmocka_unit_test(test_backoff_delay_with_jitter_of_nothing_is_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
