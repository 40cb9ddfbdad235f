/* SPDX-License-Identifier: MIT */

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/budget.h"

static void test_budget_take_takes_all_or_nothing(void **state)
{
    struct budget budget;

    (void)state;
    budget_init(&budget, 100);
    assert_true(budget_take(&budget, 60));
    assert_false(budget_take(&budget, 41));
    assert_true(budget_take(&budget, 40));
    assert_false(budget_take(&budget, 1));
    assert_true(budget_take(&budget, 0));
}

static void test_budget_give_makes_room_again(void **state)
{
    struct budget budget;

    (void)state;
    budget_init(&budget, 100);
    assert_true(budget_take(&budget, 100));
    budget_give(&budget, 30);
    assert_false(budget_take(&budget, 31));
    assert_true(budget_take(&budget, 30));
}

static void test_budget_take_of_the_largest_number_does_not_wrap(void **state)
{
    struct budget budget;

    (void)state;
    budget_init(&budget, 100);
    assert_false(budget_take(&budget, UINT64_MAX));
    assert_true(budget_take(&budget, 100));
}

static struct budget shared;
static atomic_int holding;
static atomic_int most_holding;

static void *take_and_give(void *unused)
{
    for (int taken = 0; taken < 1000;) {
        if (budget_take(&shared, 10)) {
            int now = atomic_fetch_add(&holding, 1) + 1;
            int most = atomic_load(&most_holding);

            while (most < now && !atomic_compare_exchange_weak(&most_holding, &most, now))
                continue;
            atomic_fetch_sub(&holding, 1);
            budget_give(&shared, 10);
            taken++;
        }
    }
    return unused;
}

static void test_budget_is_never_overdrawn_by_threads(void **state)
{
    pthread_t threads[4];

    (void)state;
    budget_init(&shared, 29);
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, take_and_give, NULL);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    assert_in_range(atomic_load(&most_holding), 1, 2);
    assert_true(budget_take(&shared, 29));
    assert_false(budget_take(&shared, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_budget_take_takes_all_or_nothing),
        cmocka_unit_test(test_budget_give_makes_room_again),
        cmocka_unit_test(test_budget_take_of_the_largest_number_does_not_wrap),
        cmocka_unit_test(test_budget_is_never_overdrawn_by_threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
