/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "s3/profile_path.h"

static void test_profile_path_find_expands_as_botocore_does(void **state)
{
    static const struct {
        const char *given;
        const char *path;
    } cases[] = {
        { "", "/home/me/usual" },
        { "/etc/config", "/etc/config" },
        { "relative", "relative" },
        { "~", "/home/me" },
        { "~/config", "/home/me/config" },
        { "~root/config", "/root/config" },
        { "~nobody-of-that-name/config", "~nobody-of-that-name/config" },
        { "/a~/config", "/a~/config" },
        { "$AVMAP_TEST_PLACE/config", "/place/config" },
        { "/x/${AVMAP_TEST_PLACE}config", "/x//placeconfig" },
        { "$AVMAP_TEST_HOME/config", "/home/me/config" },
        { "$AVMAP_TEST_NOTHING/config", "$AVMAP_TEST_NOTHING/config" },
        { "${AVMAP_TEST_NOTHING}/config", "${AVMAP_TEST_NOTHING}/config" },
        { "${AVMAP_TEST_PLACE", "${AVMAP_TEST_PLACE" },
        { "a$", "a$" },
        { "$/a", "$/a" },
        { "${}", "${}" },
    };

    (void)state;
    setenv("HOME", "/home/me", 1);
    setenv("AVMAP_TEST_PLACE", "/place", 1);
    setenv("AVMAP_TEST_HOME", "~", 1);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *path;

        print_message("%s\n", cases[i].given);
        setenv("AWS_CONFIG_FILE", cases[i].given, 1);
        path = profile_path_find("AWS_CONFIG_FILE", "~/usual");
        assert_string_equal(path, cases[i].path);
        free(path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_profile_path_find_expands_as_botocore_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
