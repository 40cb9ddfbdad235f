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
    for (unsigned i = 0; i < requests; i++) {
        double place = throttle_join(throttle, now_ms);

        (void)throttle_wait_ms(throttle, place, now_ms + i * 1000 / requests);
    }
    return now_ms + 1000;
}

/* What the last of so many requests that come at once has to wait. */
static int64_t wait_of_last(struct throttle *throttle, int64_t now_ms, unsigned requests)
{
    double place = 0;

    for (unsigned i = 0; i < requests; i++)
        place = throttle_join(throttle, now_ms);
    return throttle_wait_ms(throttle, place, now_ms);
}

static void test_throttle_wait_is_none_before_any_slow_down(void **state)
{
    struct throttle throttle;

    (void)state;
    throttle_init(&throttle);
    assert_int_equal(wait_of_last(&throttle, 5000, 1000), 0);
    throttle_release(&throttle);
}

static void test_throttle_slow_down_takes_three_tenths_off(void **state)
{
    struct throttle throttle;
    int64_t now_ms = 5000;

    (void)state;
    throttle_init(&throttle);
    now_ms = spend_second(&throttle, now_ms, 200);
    throttle_slow_down(&throttle, now_ms);
    /* 50 intervals of 1000/140 ms */
    assert_in_range(wait_of_last(&throttle, now_ms, 51), 345, 370);
    throttle_release(&throttle);
}

static void test_throttle_slow_down_counts_once_a_second(void **state)
{
    struct throttle throttle;
    int64_t now_ms = 5000;

    (void)state;
    throttle_init(&throttle);
    now_ms = spend_second(&throttle, now_ms, 1000);
    for (int i = 0; i < 10; i++)
        throttle_slow_down(&throttle, now_ms + i);
    assert_in_range(wait_of_last(&throttle, now_ms, 101), 138, 148);
    throttle_release(&throttle);
}

/* Plays a server that takes so many requests a second, and as many workers that always want more.
 * Returns how many of the requests of a minute were refused. */
static unsigned refusals(struct throttle *throttle, unsigned workers, unsigned per_s,
                         unsigned *accepted)
{
    unsigned refused = 0;
    unsigned this_second = 0;
    double places[64];

    for (unsigned i = 0; i < workers; i++)
        places[i] = throttle_join(throttle, 0);
    for (int64_t now_ms = 0; now_ms < 60000; now_ms += 10) {
        this_second = now_ms % 1000 == 0 ? 0 : this_second;
        for (unsigned i = 0; i < workers; i++) {
            if (throttle_wait_ms(throttle, places[i], now_ms) > 0)
                continue;
            if (++this_second > per_s) {
                throttle_slow_down(throttle, now_ms);
                refused++;
            } else {
                ++*accepted;
            }
            places[i] = throttle_join(throttle, now_ms);
        }
    }
    return refused;
}

static void test_throttle_slow_down_comes_down_to_what_a_slow_server_takes(void **state)
{
    struct throttle throttle;
    unsigned accepted = 0;

    (void)state;
    throttle_init(&throttle);
    assert_true(refusals(&throttle, 40, 3, &accepted) < 150);
    assert_true(accepted > 150);
    throttle_release(&throttle);
}

static void test_throttle_slow_down_never_stalls(void **state)
{
    struct throttle throttle;
    int64_t now_ms = 5000;

    (void)state;
    throttle_init(&throttle);
    for (int i = 0; i < 20; i++, now_ms += 1000)
        throttle_slow_down(&throttle, now_ms);
    assert_int_equal(wait_of_last(&throttle, now_ms, 10), 1000); /* and is to ask again then */
    assert_in_range(wait_of_last(&throttle, now_ms + 10000, 10), 1, 100);
    throttle_release(&throttle);
}

static void test_throttle_leave_lets_those_behind_move_up(void **state)
{
    struct throttle throttle;
    int64_t now_ms = 5000;
    int64_t wait_ms;

    (void)state;
    throttle_init(&throttle);
    now_ms = spend_second(&throttle, now_ms, 20);
    throttle_slow_down(&throttle, now_ms);
    wait_ms = wait_of_last(&throttle, now_ms, 10);
    assert_in_range(wait_ms, 600, 700); /* 9 intervals of 1000/14 ms */
    throttle_leave(&throttle);
    assert_int_equal(wait_of_last(&throttle, now_ms, 1), wait_ms);
    throttle_release(&throttle);
}

static void test_throttle_wait_comes_back_to_the_old_rate_and_goes_beyond(void **state)
{
    struct throttle throttle;
    int64_t now_ms = 5000;
    int64_t before_ms = 0;

    (void)state;
    throttle_init(&throttle);
    now_ms = spend_second(&throttle, now_ms, 200);
    throttle_slow_down(&throttle, now_ms);
    for (int after_s = 1; after_s < 20; after_s += 3) {
        int64_t wait_ms = wait_of_last(&throttle, now_ms + INT64_C(1000) * after_s, 51);

        if (before_ms)
            assert_true(wait_ms <= before_ms);
        before_ms = wait_ms;
    }
    assert_true(before_ms < 240); /* more than 200 a second */
    throttle_release(&throttle);
}

static void test_throttle_wait_recovers_when_it_stays_quiet(void **state)
{
    struct throttle throttle;
    int64_t now_ms = 5000;

    (void)state;
    throttle_init(&throttle);
    throttle_slow_down(&throttle, now_ms);
    now_ms += 60000;
    assert_int_equal(wait_of_last(&throttle, now_ms, 100), 0);
    throttle_release(&throttle);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_throttle_wait_is_none_before_any_slow_down),
        cmocka_unit_test(test_throttle_slow_down_takes_three_tenths_off),
        cmocka_unit_test(test_throttle_slow_down_counts_once_a_second),
        cmocka_unit_test(test_throttle_slow_down_comes_down_to_what_a_slow_server_takes),
        cmocka_unit_test(test_throttle_slow_down_never_stalls),
        cmocka_unit_test(test_throttle_leave_lets_those_behind_move_up),
        cmocka_unit_test(test_throttle_wait_comes_back_to_the_old_rate_and_goes_beyond),
        cmocka_unit_test(test_throttle_wait_recovers_when_it_stays_quiet),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
