/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "media/measurements.h"

static void test_measurements_parse_reads_a_list(void **state)
{
    struct error err;
    unsigned items;

    (void)state;
    assert_true(measurements_parse("peak,truepeak", &items, &err));
    assert_int_equal(items, MEASURE_PEAK | MEASURE_TRUE_PEAK);
    assert_true(measurements_parse("dc", &items, &err));
    assert_int_equal(items, MEASURE_DC);
    assert_true(measurements_parse("all", &items, &err));
    assert_int_equal(items, 0xff);
}

static void test_measurements_parse_names_what_it_does_not_know(void **state)
{
    static const char *const wrong[] = { "", "peak,", ",peak", "Peak", "peaks", "pea", "peak rms" };
    struct error err;
    unsigned items;

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        print_message("case: \"%s\"\n", wrong[i]);
        assert_false(measurements_parse(wrong[i], &items, &err));
        assert_int_equal(err.kind, ERROR_USAGE);
        assert_non_null(strstr(err.text, "truepeak"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_measurements_parse_reads_a_list),
        cmocka_unit_test(test_measurements_parse_names_what_it_does_not_know),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
