/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "run/run_identity.h"

static struct run_order order;

static struct run_settings settings_of(const char *source, const char *destination)
{
    return (struct run_settings){ .source = source, .destination = destination };
}

static void accept(const struct run_settings *settings)
{
    struct error err;

    if (!run_order_read(&order, settings, NULL, &err))
        fail_msg("%s", err.text);
}

static void test_run_identity_tells_lines_that_pick_other_items_apart(void **state)
{
    static const struct run_option given[][2] = {
        { { "jobs", "2" }, { "jobs", "3" } },
        { { "include", "a*" }, { "jobs", "3" } },
        { { "include", "b*" }, { "jobs", "3" } },
        { { "exclude", "a*" }, { "jobs", "3" } },
        { { "include", "a*" }, { "exclude", "b*" } },
        { { "include", "a*" }, { "include", "b*" } },
        { { "min-size", "1K" }, { "jobs", "3" } },
        { { "max-size", "1K" }, { "jobs", "3" } },
        { { "newer-than", "2d" }, { "jobs", "3" } },
        { { "max-items", "2" }, { "jobs", "3" } },
        { { "items-pointer", "/a" }, { "jobs", "3" } },
    };

    enum { COUNT = sizeof(given) / sizeof(given[0]) };

    char identities[COUNT][RUN_IDENTITY_SIZE];
    char ids[COUNT][UUID_SIZE];

    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        struct run_settings settings = settings_of("s3://in/", "s3://out/");

        settings.given = given[i];
        settings.given_count = 2;
        accept(&settings);
        run_identity(&order, &settings, "", identities[i]);
        run_identity_of_array(&order, &settings, "array", ids[i]);
        run_order_release(&order);
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(identities[i], identities[j]);
            assert_string_not_equal(ids[i], ids[j]);
        }
    }
}

static void test_run_identity_takes_lines_that_pick_the_same_items_for_one(void **state)
{
    static const struct run_option slow[] = { { "jobs", "2" }, { "newer-than", "2d" } };
    static const struct run_option fast[] = { { "newer-than", "2d" }, { "verbose", "true" } };
    struct run_settings settings = settings_of("s3://in/", "s3://out/");
    char identities[2][RUN_IDENTITY_SIZE];

    (void)state;
    settings.given_count = 2;
    settings.given = slow;
    settings.selection.newer_than_ms = 1;
    accept(&settings);
    run_identity(&order, &settings, "", identities[0]);
    run_order_release(&order);
    settings.given = fast;
    settings.selection.newer_than_ms = 2; /* a moment later */
    accept(&settings);
    run_identity(&order, &settings, "", identities[1]);
    run_order_release(&order);
    assert_string_equal(identities[0], identities[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_run_identity_tells_lines_that_pick_other_items_apart),
        cmocka_unit_test(test_run_identity_takes_lines_that_pick_the_same_items_for_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
