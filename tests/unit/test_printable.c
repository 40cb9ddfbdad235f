/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/printable.h"

static void test_printable_text_escapes_what_could_steer_a_terminal(void **state)
{
    static const struct {
        const char *text;
        const char *printable;
    } cases[] = {
        { "", "" },
        { "plain a b.wav \\x1b", "plain a b.wav \\x1b" },
        { "two\nlines\r", "two\\x0alines\\x0d" },
        { "\033[31m\x7f", "\\x1b[31m\\x7f" },
        { "c1 \xc2\x9b, \xc2\xa0", "c1 \\xc2\\x9b, \xc2\xa0" },
        { "b\xc3\xa9\xe2\x82\xac\xf0\x9f\x8e\xb5", "b\xc3\xa9\xe2\x82\xac\xf0\x9f\x8e\xb5" },
        { "raw \xff, cut \xf0\x9f\x8e", "raw \\xff, cut \\xf0\\x9f\\x8e" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *text = printable_text(cases[i].text);

        assert_string_equal(text, cases[i].printable);
        free(text);
    }
}

static void test_printable_text_takes_all_of_a_long_text(void **state)
{
    enum { LENGTH = 100000 };

    char *text = memory_new(LENGTH + 1, 1);
    char *printable;

    (void)state;
    memset(text, '\n', LENGTH);
    printable = printable_text(text);
    assert_int_equal(strlen(printable), 4 * LENGTH);
    free(printable);
    free(text);
}

static void test_printable_copy_stays_within_its_size_and_cuts_no_character(void **state)
{
    static const char *const texts[] = { "\n\n\n\n", "\xf0\x9f\x8e\xb5\xf0\x9f\x8e\xb5",
                                         "\xc2\x9b\xc2\x9b", "abcdefghijklmnop" };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        for (size_t size = 1; size < 40; size++) {
            char *out = memory_new(size, 1);
            char *all = printable_text(texts[i]);
            size_t used = printable_copy(texts[i], out, size);

            assert_in_range(used, 0, size - 1);
            assert_int_equal(strlen(out), used);
            assert_memory_equal(out, all, used);
            assert_int_not_equal((unsigned char)all[used] & 0xc0, 0x80);
            free(all);
            free(out);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_printable_text_escapes_what_could_steer_a_terminal),
        cmocka_unit_test(test_printable_text_takes_all_of_a_long_text),
        cmocka_unit_test(test_printable_copy_stays_within_its_size_and_cuts_no_character),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
