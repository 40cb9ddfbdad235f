/* SPDX-License-Identifier: MIT */

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/number.h"

struct number_case {
    const char *text;
    bool ok;
    uint64_t value;
};

static const uint64_t untouched = 4242;

static void check(const struct number_case *expected, bool ok, uint64_t value)
{
    uint64_t wanted = expected->ok ? expected->value : untouched;

    if (ok != expected->ok || value != wanted)
        fail_msg("\"%s\": %s, %" PRIu64, expected->text, ok ? "accepted" : "refused", value);
}

static void test_number_parse_count_wants_digits_and_nothing_else(void **state)
{
    static const struct number_case cases[] = {
        { "0", true, 0 },
        { "007", true, 7 },
        { "5000", true, 5000 },
        { "5001", false, 0 },
        { "18446744073709551616", false, 0 },
        { "99999999999999999999999", false, 0 },
        { "", false, 0 },
        { " 1", false, 0 },
        { "1 ", false, 0 },
        { "+1", false, 0 },
        { "-1", false, 0 },
        { "0x10", false, 0 },
        { "1.0", false, 0 },
        { "1e3", false, 0 },
        { "1\n", false, 0 },
        { "many", false, 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint64_t value = untouched;
        bool ok = number_parse_count(cases[i].text, 5000, &value);

        check(&cases[i], ok, value);
    }
}

static void test_number_parse_count_reaches_the_largest_number(void **state)
{
    uint64_t value = 0;

    (void)state;
    assert_true(number_parse_count("18446744073709551615", UINT64_MAX, &value));
    assert_true(value == UINT64_MAX);
    assert_false(number_parse_count("18446744073709551616", UINT64_MAX, &value));
    assert_false(number_parse_count("18446744073709551615", UINT64_MAX - 1, &value));
}

static void test_number_parse_size_knows_its_units(void **state)
{
    static const struct number_case cases[] = {
        { "0", true, 0 },
        { "1", true, 1 },
        { "17B", true, 17 },
        { "1K", true, 1024 },
        { "1k", true, 1024 },
        { "64M", true, UINT64_C(64) << 20 },
        { "64MiB", true, UINT64_C(64) << 20 },
        { "1.5G", true, UINT64_C(3) << 29 },
        { "2T", true, UINT64_C(2) << 40 },
        { "0.5K", true, 512 },
        { "5497558138880", true, UINT64_C(5) << 40 },
        { "9000000T", false, 0 },
        { "", false, 0 },
        { "K", false, 0 },
        { "1 K", false, 0 },
        { " 1K", false, 0 },
        { "-1K", false, 0 },
        { "+1K", false, 0 },
        { "1.K", false, 0 },
        { ".5K", false, 0 },
        { "1.5.5K", false, 0 },
        { "1KB", false, 0 },
        { "1E", false, 0 },
        { "1e3", false, 0 },
        { "0x10", false, 0 },
        { "inf", false, 0 },
        { "nan", false, 0 },
        { "1,5K", false, 0 },
        { "1000000000000000000000000000000", false, 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint64_t value = untouched;
        bool ok = number_parse_size(cases[i].text, &value);

        check(&cases[i], ok, value);
    }
}

static void test_number_parse_duration_knows_its_units(void **state)
{
    static const struct number_case cases[] = {
        { "0", true, 0 },        { "1", true, 1000 },       { "1.5", true, 1500 },
        { "200ms", true, 200 },  { "0.4ms", true, 0 },      { "2s", true, 2000 },
        { "10m", true, 600000 }, { "1.5h", true, 5400000 }, { "2d", true, 172800000 },
        { "10M", true, 600000 }, { "200us", false, 0 },     { "1m30s", false, 0 },
        { "10 m", false, 0 },    { "-1s", false, 0 },       { "", false, 0 },
        { "s", false, 0 },       { "1e3s", false, 0 },      { "999999999999999999d", false, 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint64_t value = untouched;
        bool ok = number_parse_duration(cases[i].text, &value);

        check(&cases[i], ok, value);
    }
}

static void test_number_format_size_is_for_people(void **state)
{
    static const struct {
        uint64_t bytes;
        const char *text;
    } cases[] = {
        { 0, "0 B" },
        { 1, "1 B" },
        { 1023, "1023 B" },
        { 1024, "1.0 KiB" },
        { 1536, "1.5 KiB" },
        { UINT64_C(3) << 19, "1.5 MiB" },
        { UINT64_C(1) << 30, "1.0 GiB" },
        { UINT64_C(5) << 40, "5.0 TiB" },
        { UINT64_C(7) << 50, "7.0 PiB" },
        { UINT64_MAX, "16384.0 PiB" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[16];

        assert_string_equal(number_format_size(cases[i].bytes, text, sizeof(text)), cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_number_parse_count_wants_digits_and_nothing_else),
        cmocka_unit_test(test_number_parse_count_reaches_the_largest_number),
        cmocka_unit_test(test_number_parse_size_knows_its_units),
        cmocka_unit_test(test_number_parse_duration_knows_its_units),
        cmocka_unit_test(test_number_format_size_is_for_people),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
