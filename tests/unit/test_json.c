/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"

#define REPLACEMENT "\xef\xbf\xbd"

static void test_json_text_keeps_utf8_and_replaces_the_rest(void **state)
{
    static const struct {
        const char *name;
        const char *text;
        const char *wanted;
    } cases[] = {
        { "empty", "", "" },
        { "ASCII", "a b.wav", "a b.wav" },
        { "control bytes", "a\n\x01\x7f", "a\n\x01\x7f" },
        { "two to four bytes", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x8e\xb5",
          "\xc3\xa9\xe2\x82\xac\xf0\x9f\x8e\xb5" },
        { "Latin-1", "caf\xe9.wav", "caf" REPLACEMENT ".wav" },
        { "cut at the end", "a\xe2\x82", "a" REPLACEMENT REPLACEMENT },
        { "cut in the middle", "\xe2\x82z", REPLACEMENT REPLACEMENT "z" },
        { "overlong slash", "\xc0\xaf", REPLACEMENT REPLACEMENT },
        { "surrogate", "\xed\xa0\x80", REPLACEMENT REPLACEMENT REPLACEMENT },
        { "above U+10FFFF", "\xf4\x90\x80\x80", REPLACEMENT REPLACEMENT REPLACEMENT REPLACEMENT },
        { "only bad bytes", "\xff\xfe", REPLACEMENT REPLACEMENT },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        json_t *value = json_text(cases[i].text);

        if (!json_is_string(value) || strcmp(json_string_value(value), cases[i].wanted) != 0)
            fail_msg("%s", cases[i].name);
        json_decref(value);
    }
}

static void test_json_printable_escapes_what_could_steer_a_terminal(void **state)
{
    static const char name[] = "a\x1b\x7f\xc2\x80\xc2\x9f\xc2\xa0\xc3\x80\xe2\x82\xac\n";
    json_t *value = json_pack("{s:s}", name, name);
    char *text = json_printable(value);
    json_t *again = json_loads(text, 0, NULL);

    (void)state;
    assert_string_equal(text, "{\"a\\u001B\\u007f\\u0080\\u009f\xc2\xa0\xc3\x80\xe2\x82\xac\\n\":"
                              "\"a\\u001B\\u007f\\u0080\\u009f\xc2\xa0\xc3\x80\xe2\x82\xac\\n\"}");
    assert_true(json_equal(value, again)); /* nothing is lost */
    json_decref(again);
    free(text);
    json_decref(value);
}

static void test_json_text_of_null_is_null(void **state)
{
    json_t *value = json_text(NULL);

    (void)state;
    assert_true(json_is_null(value));
    json_decref(value);
}

static void test_json_compact_sorts_keys_and_writes_no_spaces(void **state)
{
    json_t *value = json_pack("{s:s, s:[i, b, n], s:{s:i, s:i}, s:f}", "b", "x", "Z", 1, 1, "a",
                              "d", 2, "c", 1, "A", 0.5);
    char *text = json_compact(value);

    (void)state;
    assert_string_equal(text,
                        "{\"A\":0.5,\"Z\":[1,true,null],\"a\":{\"c\":1,\"d\":2},\"b\":\"x\"}");
    free(text);
    json_decref(value);
}

static void test_json_compact_writes_numbers_as_people_do(void **state)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        { 0.1, "0.1" }, { 1, "1.0" }, { 4.168, "4.168" }, { 1234567.891, "1234567.891" }
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        json_t *value = json_real(cases[i].value);
        char *text = json_compact(value);

        assert_string_equal(text, cases[i].text);
        free(text);
        json_decref(value);
    }
}

static void test_json_compact_writes_text_that_reads_back(void **state)
{
    json_t *value = json_text("q\" b\\ /\n\t\x01 \xc3\xa9 \xff");
    char *text = json_compact(value);
    json_t *read = json_loads(text, JSON_DECODE_ANY, NULL);

    (void)state;
    assert_true(json_equal(value, read));
    assert_null(strchr(text, '\n'));
    free(text);
    json_decref(value);
    json_decref(read);
}

static void test_json_compact_accepts_any_value(void **state)
{
    static const char *const texts[] = { "null", "true", "17", "\"text\"", "[]", "{}" };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        json_t *value = json_loads(texts[i], JSON_DECODE_ANY, NULL);
        char *text = json_compact(value);

        assert_string_equal(text, texts[i]);
        free(text);
        json_decref(value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_text_keeps_utf8_and_replaces_the_rest),
        cmocka_unit_test(test_json_printable_escapes_what_could_steer_a_terminal),
        cmocka_unit_test(test_json_text_of_null_is_null),
        cmocka_unit_test(test_json_compact_sorts_keys_and_writes_no_spaces),
        cmocka_unit_test(test_json_compact_writes_numbers_as_people_do),
        cmocka_unit_test(test_json_compact_writes_text_that_reads_back),
        cmocka_unit_test(test_json_compact_accepts_any_value),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
