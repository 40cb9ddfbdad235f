/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "s3/s3_etag.h"

/* Of "123456789". */
#define HEX "25f9e794323b453885f5181f1b624d0b"

static void test_s3_etag_read_takes_every_form_of_an_md5(void **state)
{
    static const uint8_t md5[MD5_SIZE] = { 0x25, 0xf9, 0xe7, 0x94, 0x32, 0x3b, 0x45, 0x38,
                                           0x85, 0xf5, 0x18, 0x1f, 0x1b, 0x62, 0x4d, 0x0b };

    static const struct {
        const char *text;
        unsigned parts;
    } cases[] = {
        { "\"" HEX "\"", 0 },
        { HEX, 0 },
        { "W/\"" HEX "\"", 0 },
        { "\"25F9E794323B453885f5181F1B624D0B\"", 0 },
        { "\"" HEX "-1\"", 1 },
        { HEX "-03", 3 },
        { "W/\"" HEX "-10000\"", 10000 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct s3_etag etag;

        print_message("%s\n", cases[i].text);
        assert_true(s3_etag_read(cases[i].text, &etag));
        assert_memory_equal(etag.md5, md5, MD5_SIZE);
        assert_int_equal(etag.parts, cases[i].parts);
    }
}

static void test_s3_etag_read_takes_nothing_else(void **state)
{
    static const char *const others[] = {
        NULL,
        "",
        "\"",
        "W/",
        "\"e1\"",
        "\"0123456789abcdef\"",
        "\"25f9e794323b453885f5181f1b624d0\"",
        "\"25f9e794323b453885f5181f1b624d0g\"",
        "\"" HEX "0\"",
        "\"" HEX "-\"",
        "\"" HEX "-0\"",
        "\"" HEX "-10001\"",
        "\"" HEX "-99999999999999999999\"",
        "\"" HEX "-2x\"",
        "\"" HEX "--2\"",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        struct s3_etag etag;

        print_message("%s\n", others[i] ? others[i] : "none");
        assert_false(s3_etag_read(others[i], &etag));
    }
}

static void test_s3_etag_is_same_looks_at_what_is_between_the_quotes(void **state)
{
    (void)state;
    assert_true(s3_etag_is_same("\"e1\"", "e1"));
    assert_true(s3_etag_is_same("W/\"e1\"", "\"e1\""));
    assert_true(s3_etag_is_same("\"\"", ""));
    assert_false(s3_etag_is_same("\"e1\"", "\"e2\""));
    assert_false(s3_etag_is_same("\"e1\"", "\"e11\""));
    assert_false(s3_etag_is_same("\"e1\"", ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_s3_etag_read_takes_every_form_of_an_md5),
        cmocka_unit_test(test_s3_etag_read_takes_nothing_else),
        cmocka_unit_test(test_s3_etag_is_same_looks_at_what_is_between_the_quotes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
