/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "s3/throttle.h"

/* Sends so many requests spread over a second. */
static int64_t spend_second(struct throttle *throttle, int64_t now_ms, unsigned requests)
{
    for (unsigned i = 0; i < requests; i++)
        (void)throttle_take(throttle, now_ms + i * 1000 / requests);
    return now_ms + 1000;
}

static void test_throttle_take_does_not_wait_before_any_slow_down(void **state)
{
    struct throttle throttle;

    (void)state;
    throttle_init(&throttle);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(throttle_take(&throttle, 5000), 0);
    throttle_release(&throttle);
}

static void test_throttle_slow_down_takes_three_tenths_off(void **state)
{
    struct throttle throttle;
    int64_t now_ms = 5000;
    int64_t wait_ms = 0;

    (void)state;
    throttle_init(&throttle);
    now_ms = spend_second(&throttle, now_ms, 200);
    throttle_slow_down(&throttle, now_ms);
    for (int i = 0; i <= 50; i++)
        wait_ms = throttle_take(&throttle, now_ms);
    assert_in_range(wait_ms, 345, 370); /* 50 intervals of 1000/140 ms */
    throttle_release(&throttle);
}

static void test_throttle_slow_down_counts_once_a_second(void **state)
{
    struct throttle throttle;
    int64_t now_ms = 5000;
    int64_t wait_ms = 0;

    (void)state;
    throttle_init(&throttle);
    now_ms = spend_second(&throttle, now_ms, 1000);
    for (int i = 0; i < 10; i++)
        throttle_slow_down(&throttle, now_ms + i);
    for (int i = 0; i <= 100; i++)
        wait_ms = throttle_take(&throttle, now_ms);
    assert_in_range(wait_ms, 138, 148);
    throttle_release(&throttle);
}

static void test_throttle_slow_down_never_stalls(void **state)
{
    struct throttle throttle;
    int64_t now_ms = 5000;
    int64_t wait_ms = 0;

    (void)state;
    throttle_init(&throttle);
    for (int i = 0; i < 20; i++, now_ms += 1000)
        throttle_slow_down(&throttle, now_ms);
    for (int i = 0; i <= 10; i++)
        wait_ms = throttle_take(&throttle, now_ms);
    assert_in_range(wait_ms, 1, 250);
    throttle_release(&throttle);
}

static void test_throttle_take_comes_back_to_the_old_rate_and_goes_beyond(void **state)
{
    struct throttle throttle;
    int64_t now_ms = 5000;
    int64_t before_ms = 0;

    (void)state;
    throttle_init(&throttle);
    now_ms = spend_second(&throttle, now_ms, 200);
    throttle_slow_down(&throttle, now_ms);
    for (int after_s = 1; after_s < 20; after_s += 3) {
        int64_t wait_ms = 0;

        for (int i = 0; i <= 50; i++)
            wait_ms = throttle_take(&throttle, now_ms + INT64_C(1000) * after_s);
        if (before_ms)
            assert_true(wait_ms <= before_ms);
        before_ms = wait_ms;
    }
    assert_true(before_ms < 240); /* more than 200 a second */
    throttle_release(&throttle);
}

static void test_throttle_take_recovers_when_it_stays_quiet(void **state)
{
    struct throttle throttle;
    int64_t now_ms = 5000;

    (void)state;
    throttle_init(&throttle);
    throttle_slow_down(&throttle, now_ms);
    now_ms += 60000;
    for (int i = 0; i < 100; i++)
        assert_int_equal(throttle_take(&throttle, now_ms), 0);
    throttle_release(&throttle);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_throttle_take_does_not_wait_before_any_slow_down),
        cmocka_unit_test(test_throttle_slow_down_takes_three_tenths_off),
        cmocka_unit_test(test_throttle_slow_down_counts_once_a_second),
        cmocka_unit_test(test_throttle_slow_down_never_stalls),
        cmocka_unit_test(test_throttle_take_comes_back_to_the_old_rate_and_goes_beyond),
        cmocka_unit_test(test_throttle_take_recovers_when_it_stays_quiet),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
