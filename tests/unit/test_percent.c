/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/percent.h"

static void test_percent_encode_leaves_only_unreserved_bytes(void **state)
{
    struct buffer out;

    (void)state;
    buffer_init(&out, 1024);
    percent_encode(&out, "aZ9-._~ +%&/\n\xc3\xa9", PERCENT_KEEP_NAME);
    assert_string_equal(out.bytes, "aZ9-._~%20%2B%25%26%2F%0A%C3%A9");
    buffer_clear(&out);
    percent_encode(&out, "/a//b/../c", PERCENT_KEEP_PATH);
    assert_string_equal(out.bytes, "/a//b/../c");
    buffer_clear(&out);
    percent_encode(&out, "a/b? %\n\x7f\xc3\xa9", PERCENT_KEEP_PRINTABLE);
    assert_string_equal(out.bytes, "a/b?%20%25%0A%7F%C3%A9");
    buffer_release(&out);
}

static void test_percent_decode_undoes_encode_for_every_byte(void **state)
{
    char all[256];
    struct buffer out;

    (void)state;
    for (int byte = 1; byte < 256; byte++)
        all[byte - 1] = (char)byte;
    all[255] = '\0';
    buffer_init(&out, 1024);
    percent_encode(&out, all, PERCENT_KEEP_NAME);
    assert_true(percent_decode(out.bytes, true));
    assert_string_equal(out.bytes, all);
    buffer_release(&out);
}

static void test_percent_decode_takes_plus_as_asked(void **state)
{
    char space[] = "a+b%2bc";
    char plus[] = "a+b";

    (void)state;
    assert_true(percent_decode(space, true));
    assert_string_equal(space, "a b+c");
    assert_true(percent_decode(plus, false));
    assert_string_equal(plus, "a+b");
}

static void test_percent_decode_refuses_malformed_text_and_nul(void **state)
{
    static const char *const texts[] = { "%", "%4", "%4g", "%g4", "a%00b", "100%" };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        char text[16];

        snprintf(text, sizeof(text), "%s", texts[i]);
        print_message("%s\n", text);
        assert_false(percent_decode(text, true));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_percent_encode_leaves_only_unreserved_bytes),
        cmocka_unit_test(test_percent_decode_undoes_encode_for_every_byte),
        cmocka_unit_test(test_percent_decode_takes_plus_as_asked),
        cmocka_unit_test(test_percent_decode_refuses_malformed_text_and_nul),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
