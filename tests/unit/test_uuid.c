/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/uuid.h"

static void check_form(const char *uuid, char version)
{
    assert_true(uuid_is_valid(uuid));
    assert_int_equal(strlen(uuid), UUID_SIZE - 1);
    assert_int_equal(uuid[14], version);
    assert_non_null(strchr("89ab", uuid[19])); /* the variant of RFC 9562 */
    assert_int_equal(strspn(uuid, "0123456789abcdef-"), UUID_SIZE - 1);
}

static void test_uuid_random_has_the_form_of_version_4(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++) {
        char uuid[UUID_SIZE];

        assert_ptr_equal(uuid_random(uuid), uuid);
        check_form(uuid, '4');
    }
}

static void test_uuid_random_differs_each_time(void **state)
{
    char uuids[50][UUID_SIZE];

    (void)state;
    for (int i = 0; i < 50; i++) {
        uuid_random(uuids[i]);
        for (int j = 0; j < i; j++)
            assert_string_not_equal(uuids[i], uuids[j]);
    }
}

static void test_uuid_named_has_the_form_of_version_3(void **state)
{
    char uuid[UUID_SIZE];

    (void)state;
    assert_ptr_equal(uuid_named("run", "key", uuid), uuid);
    check_form(uuid, '3');
    check_form(uuid_named("", "", uuid), '3');
}

/* Records of former runs hold such names, so they may never change. */
static void test_uuid_named_stays_the_same_over_versions(void **state)
{
    char uuid[UUID_SIZE];

    (void)state;
    assert_string_equal(uuid_named("run", "key", uuid), "35fbc7d7-1b1e-3da7-b3df-b95dacdaaef6");
}

static void test_uuid_named_depends_on_space_and_name(void **state)
{
    static const char *const pairs[][2] = {
        { "run", "key" }, { "run", "kez" }, { "rum", "key" }, { "runk", "ey" },
        { "run", "" },    { "", "run" },    { "run", "Key" },
    };
    char uuids[sizeof(pairs) / sizeof(pairs[0])][UUID_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        uuid_named(pairs[i][0], pairs[i][1], uuids[i]);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(uuids[i], uuids[j]);
    }
}

static void test_uuid_is_valid_looks_at_every_character(void **state)
{
    static const struct {
        const char *text;
        bool valid;
    } cases[] = {
        { "0368d065-1670-3b07-acfb-99a58f74a638", true },
        { "0368D065-1670-3B07-ACFB-99A58F74A638", true },
        { "00000000-0000-0000-0000-000000000000", true },
        { "", false },
        { "0368d065", false },
        { "0368d065-1670-3b07-acfb-99a58f74a63", false },
        { "0368d065-1670-3b07-acfb-99a58f74a6388", false },
        { "0368d065-1670-3b07-acfb-99a58f74a638 ", false },
        { "0368d065-1670-3b07-acfb-99a58f74a63g", false },
        { "0368d06516703b07acfb99a58f74a638", false },
        { "0368d0651670-3b07-acfb-99a58f74a638-", false },
        { "{368d065-1670-3b07-acfb-99a58f74a63}", false },
        { "../../../../../../../../../../../etc", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (uuid_is_valid(cases[i].text) != cases[i].valid)
            fail_msg("\"%s\"", cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_uuid_random_has_the_form_of_version_4),
        cmocka_unit_test(test_uuid_random_differs_each_time),
        cmocka_unit_test(test_uuid_named_has_the_form_of_version_3),
        cmocka_unit_test(test_uuid_named_stays_the_same_over_versions),
        cmocka_unit_test(test_uuid_named_depends_on_space_and_name),
        cmocka_unit_test(test_uuid_is_valid_looks_at_every_character),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
