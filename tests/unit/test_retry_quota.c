/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "s3/retry_quota.h"

static void test_retry_quota_take_ends_after_a_hundred(void **state)
{
    struct retry_quota quota;

    (void)state;
    retry_quota_init(&quota, 0);
    for (int i = 0; i < 100; i++)
        assert_true(retry_quota_take(&quota, RETRY_QUOTA_COST));
    assert_false(retry_quota_take(&quota, RETRY_QUOTA_COST));
    retry_quota_give(&quota, 0, 0);
    assert_false(retry_quota_take(&quota, RETRY_QUOTA_COST));
    retry_quota_give(&quota, RETRY_QUOTA_COST, 0);
    assert_true(retry_quota_take(&quota, RETRY_QUOTA_COST));
}

static void test_retry_quota_give_never_passes_the_beginning(void **state)
{
    struct retry_quota quota;

    (void)state;
    retry_quota_init(&quota, 0);
    for (int i = 0; i < 1000; i++)
        retry_quota_give(&quota, 0, 0);
    for (int i = 0; i < 50; i++)
        assert_true(retry_quota_take(&quota, RETRY_QUOTA_TIMEOUT_COST));
    assert_false(retry_quota_take(&quota, 1));
}

static void test_retry_quota_probe_comes_once_a_second(void **state)
{
    struct retry_quota quota;

    (void)state;
    retry_quota_init(&quota, 0);
    assert_false(retry_quota_probe(&quota, 999));
    assert_true(retry_quota_probe(&quota, 1000));
    assert_false(retry_quota_probe(&quota, 1000));
    assert_true(retry_quota_probe(&quota, 60000));
    assert_false(retry_quota_probe(&quota, 60999));
}

static void test_retry_quota_is_patient_for_a_minute_after_a_success(void **state)
{
    struct retry_quota quota;

    (void)state;
    retry_quota_init(&quota, 1000);
    assert_true(retry_quota_is_patient(&quota, 60999));
    assert_false(retry_quota_is_patient(&quota, 61000));
    retry_quota_give(&quota, 0, 61000);
    assert_true(retry_quota_is_patient(&quota, 61001));
    assert_false(retry_quota_is_patient(&quota, 121000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_retry_quota_take_ends_after_a_hundred),
        cmocka_unit_test(test_retry_quota_give_never_passes_the_beginning),
        cmocka_unit_test(test_retry_quota_probe_comes_once_a_second),
        cmocka_unit_test(test_retry_quota_is_patient_for_a_minute_after_a_success),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
