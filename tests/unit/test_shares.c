/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "run/shares.h"

static void check_give(struct shares *shares, uint64_t size, unsigned index, uint64_t total)
{
    uint64_t bytes = 0;

    assert_int_equal(shares_give(shares, size, &bytes), index);
    assert_int_equal(bytes, total);
}

static void test_shares_give_to_the_smallest(void **state)
{
    struct shares *shares = shares_new(3);

    (void)state;
    check_give(shares, 50, 0, 50);
    check_give(shares, 40, 1, 40);
    check_give(shares, 30, 2, 30);
    check_give(shares, 20, 2, 50);
    check_give(shares, 10, 1, 50);
    check_give(shares, 5, 0, 55); /* all have 50, and it has fewer items */
    shares_free(shares);
}

static void test_shares_give_items_without_bytes_in_turn(void **state)
{
    struct shares *shares = shares_new(5);
    unsigned items[5] = { 0 };

    (void)state;
    for (int i = 0; i < 50; i++) {
        uint64_t bytes;

        items[shares_give(shares, 0, &bytes)]++;
        assert_int_equal(bytes, 0);
    }
    for (int i = 0; i < 5; i++)
        assert_int_equal(items[i], 10);
    shares_free(shares);
}

static void test_shares_give_to_the_only_one(void **state)
{
    struct shares *shares = shares_new(1);

    (void)state;
    check_give(shares, 7, 0, 7);
    check_give(shares, UINT64_C(1) << 40, 0, (UINT64_C(1) << 40) + 7);
    shares_free(shares);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shares_give_to_the_smallest),
        cmocka_unit_test(test_shares_give_items_without_bytes_in_turn),
        cmocka_unit_test(test_shares_give_to_the_only_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
