/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "run/cpu_share.h"

static unsigned share(uint64_t total, uint64_t succeeded, uint64_t failed, bool listed)
{
    const struct progress_counts counts = {
        .total = total,
        .by_outcome = { [OUTCOME_SUCCEEDED] = succeeded, [OUTCOME_FAILED] = failed },
        .listing_complete = listed,
    };

    return cpu_share(&counts, 8);
}

static void test_cpu_share_is_one_while_more_may_come(void **state)
{
    (void)state;
    assert_int_equal(share(1, 0, 0, false), 1);
    assert_int_equal(share(1000, 0, 0, true), 1);
    assert_int_equal(share(1000, 990, 2, true), 1);
}

static void test_cpu_share_grows_for_the_last_items(void **state)
{
    (void)state;
    assert_int_equal(share(1, 0, 0, true), 8);
    assert_int_equal(share(1000, 990, 7, true), 2);
    assert_int_equal(share(1000, 990, 8, true), 4);
    assert_int_equal(share(1000, 999, 0, true), 8);
}

static void test_cpu_share_is_never_none(void **state)
{
    (void)state;
    assert_int_equal(share(0, 0, 0, true), 8);
    assert_int_equal(share(5, 9, 0, true), 8);
    assert_int_equal(share(9, 0, 0, true), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cpu_share_is_one_while_more_may_come),
        cmocka_unit_test(test_cpu_share_grows_for_the_last_items),
        cmocka_unit_test(test_cpu_share_is_never_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
