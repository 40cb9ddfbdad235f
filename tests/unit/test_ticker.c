/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cancel.h"
#include "base/clock.h"
#include "base/ticker.h"

enum { LONG_MS = 60000 };

static void count(void *arg)
{
    atomic_fetch_add((_Atomic unsigned *)arg, 1);
}

static void test_ticker_calls_again_and_again_until_it_is_stopped(void **state)
{
    _Atomic unsigned ticks = 0;
    int64_t begin_ms = clock_monotonic_ms();
    struct ticker *ticker = ticker_start(5, count, &ticks);
    unsigned at_stop;

    (void)state;
    assert_non_null(ticker);
    while (atomic_load(&ticks) < 3)
        assert_true(clock_monotonic_ms() - begin_ms < LONG_MS);
    ticker_stop(ticker);
    at_stop = atomic_load(&ticks);
    assert_true(clock_monotonic_ms() - begin_ms >= 15);
    assert_true(cancel_sleep(NULL, 20));
    assert_int_equal(atomic_load(&ticks), at_stop);
}

static void test_ticker_stop_does_not_wait_for_the_next_call(void **state)
{
    _Atomic unsigned ticks = 0;
    int64_t begin_ms = clock_monotonic_ms();
    struct ticker *ticker = ticker_start(LONG_MS, count, &ticks);

    (void)state;
    ticker_stop(ticker);
    assert_true(clock_monotonic_ms() - begin_ms < LONG_MS);
    assert_int_equal(atomic_load(&ticks), 0);
}

static void test_ticker_stop_accepts_null(void **state)
{
    (void)state;
    ticker_stop(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ticker_calls_again_and_again_until_it_is_stopped),
        cmocka_unit_test(test_ticker_stop_does_not_wait_for_the_next_call),
        cmocka_unit_test(test_ticker_stop_accepts_null),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
