/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "run/failure_budget.h"

static void test_failure_budget_is_exceeded_by_more_than_what_is_tolerated(void **state)
{
    static const struct {
        struct failure_budget budget;
        uint64_t failed;
        uint64_t total;
        bool total_known;
        bool exceeded;
    } cases[] = {
        { { UINT64_MAX, -1 }, 100, 100, true, false },
        { { 0, -1 }, 0, 100, true, false },
        { { 0, -1 }, 1, 100, false, true },
        { { 5, -1 }, 5, 5, true, false },
        { { 5, -1 }, 6, 100, true, true },
        { { UINT64_MAX, 10 }, 10, 100, true, false },
        { { UINT64_MAX, 10 }, 11, 100, true, true },
        { { UINT64_MAX, 10 }, 11, 11, false, false },
        { { UINT64_MAX, 0 }, 0, 100, true, false },
        { { UINT64_MAX, 0 }, 1, 1000000, true, true },
        { { UINT64_MAX, 0 }, 0, 0, false, false },
        { { UINT64_MAX, 0 }, 1, 1, false, true },
        { { UINT64_MAX, 100 }, 100, 100, true, false },
        { { UINT64_MAX, 33.5 }, 67, 200, true, false },
        { { UINT64_MAX, 33.5 }, 68, 200, true, true },
        { { UINT64_MAX, 10 }, 0, 0, true, false },
        { { 1, 50 }, 2, 100, true, true },
        { { 90, 50 }, 51, 100, true, true },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (failure_budget_is_exceeded(&cases[i].budget, cases[i].failed, cases[i].total,
                                       cases[i].total_known) != cases[i].exceeded)
            fail_msg("case %zu", i);
    }
}

static void test_failure_budget_is_set_by_either_value(void **state)
{
    struct failure_budget budget = FAILURE_BUDGET_NONE;

    (void)state;
    assert_false(failure_budget_is_set(&budget));
    budget.count = 0;
    assert_true(failure_budget_is_set(&budget));
    budget = (struct failure_budget)FAILURE_BUDGET_NONE;
    budget.percentage = 0;
    assert_true(failure_budget_is_set(&budget));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_failure_budget_is_exceeded_by_more_than_what_is_tolerated),
        cmocka_unit_test(test_failure_budget_is_set_by_either_value),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
