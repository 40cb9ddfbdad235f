/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "run/name_claims.h"

static void test_name_claims_belong_to_the_first_item(void **state)
{
    struct name_claims *claims = name_claims_new();
    struct error err;

    (void)state;
    assert_true(name_claims_take(claims, "a", 1, &err));
    assert_true(name_claims_take(claims, "a", 1, &err));
    assert_false(name_claims_take(claims, "a", 2, &err));
    assert_string_equal(err.word, "Avmap.NameCollision");
    assert_true(name_claims_take(claims, "b", 2, &err));
    assert_true(name_claims_take(claims, "1=a", 3, &err));
    assert_false(name_claims_take(claims, "b", 1, &err));
    name_claims_free(claims);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_name_claims_belong_to_the_first_item),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
