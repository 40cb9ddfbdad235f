/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"

static void test_utf8_length_knows_the_edges_of_rfc_3629(void **state)
{
    static const struct {
        const char *name;
        const char *text;
        size_t length;
    } cases[] = {
        { "the end of a text", "", 1 },
        { "U+0001", "\x01", 1 },
        { "U+007F", "\x7f", 1 },
        { "U+0080", "\xc2\x80", 2 },
        { "U+07FF", "\xdf\xbf", 2 },
        { "U+0800", "\xe0\xa0\x80", 3 },
        { "U+D7FF", "\xed\x9f\xbf", 3 },
        { "U+E000", "\xee\x80\x80", 3 },
        { "U+FFFF", "\xef\xbf\xbf", 3 },
        { "U+10000", "\xf0\x90\x80\x80", 4 },
        { "U+10FFFF", "\xf4\x8f\xbf\xbf", 4 },
        { "with more behind", "\xc3\xa9z", 2 },
        { "continuation byte alone", "\x80", 0 },
        { "last continuation byte alone", "\xbf", 0 },
        { "overlong NUL", "\xc0\x80", 0 },
        { "overlong U+007F", "\xc1\xbf", 0 },
        { "overlong U+07FF", "\xe0\x9f\xbf", 0 },
        { "overlong U+FFFF", "\xf0\x8f\xbf\xbf", 0 },
        { "first surrogate", "\xed\xa0\x80", 0 },
        { "last surrogate", "\xed\xbf\xbf", 0 },
        { "U+110000", "\xf4\x90\x80\x80", 0 },
        { "byte 0xf5", "\xf5\x80\x80\x80", 0 },
        { "byte 0xff", "\xff", 0 },
        { "cut after 1 of 2", "\xc3", 0 },
        { "cut after 1 of 3", "\xe2", 0 },
        { "cut after 2 of 3", "\xe2\x82", 0 },
        { "cut after 3 of 4", "\xf0\x9f\x8e", 0 },
        { "letter as second byte", "\xc3z", 0 },
        { "letter as third byte", "\xe2\x82z", 0 },
        { "letter as fourth byte", "\xf0\x9f\x8ez", 0 },
        { "lead byte as second byte", "\xc3\xc3", 0 },
        { "lead byte as third byte", "\xe2\x82\xc3", 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        /* A copy without a byte too many, so that AddressSanitizer sees reads past the NUL. */
        char *copy = strdup(cases[i].text);
        size_t length = utf8_length(copy);

        free(copy);
        if (length != cases[i].length)
            fail_msg("%s: %zu", cases[i].name, length);
    }
}

static void test_utf8_is_valid_looks_at_the_whole_text(void **state)
{
    static const struct {
        const char *text;
        bool valid;
    } cases[] = {
        { "", true },
        { "plain", true },
        { "b\xc3\xa9\xe2\x82\xac\xf0\x9f\x8e\xb5z", true },
        { "\xff", false },
        { "begin \xe9 end", false },
        { "end \xf0\x9f\x8e", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (utf8_is_valid(cases[i].text) != cases[i].valid)
            fail_msg("\"%s\"", cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf8_length_knows_the_edges_of_rfc_3629),
        cmocka_unit_test(test_utf8_is_valid_looks_at_the_whole_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
