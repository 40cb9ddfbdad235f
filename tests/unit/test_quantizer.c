/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <libavutil/mem.h>

#include "media/quantizer.h"

static void test_quantizer_read_matrix_wants_64_numbers(void **state)
{
    uint16_t matrix[QUANTIZER_COEFFICIENTS];
    char text[256] = "7";

    (void)state;
    for (unsigned i = 1; i < QUANTIZER_COEFFICIENTS; i++) {
        assert_false(quantizer_read_matrix(text, matrix));
        snprintf(text + strlen(text), sizeof(text) - strlen(text), ", %u", i);
    }
    assert_true(quantizer_read_matrix(text, matrix));
    assert_int_equal(matrix[0], 7);
    assert_int_equal(matrix[1], 1);
    assert_int_equal(matrix[63], 63);
}

static void test_quantizer_read_ranges_tells_quantizers_from_percentages(void **state)
{
    RcOverride *ranges;
    int count;

    (void)state;
    assert_true(quantizer_read_ranges("0,5,20/6,12,-150", &ranges, &count));
    assert_int_equal(count, 2);
    assert_int_equal(ranges[0].start_frame, 0);
    assert_int_equal(ranges[0].end_frame, 5);
    assert_int_equal(ranges[0].qscale, 20);
    assert_true(ranges[0].quality_factor == 1);
    assert_int_equal(ranges[1].start_frame, 6);
    assert_int_equal(ranges[1].qscale, 0);
    assert_true(ranges[1].quality_factor == 1.5F);
    av_free(ranges);
}

static void test_quantizer_read_ranges_wants_three_numbers_each(void **state)
{
    static const char *const wrong[] = { "", "1", "1,2", "1,2,", "1;2;3", "1,2,3/", "1,2,3/4,5" };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        RcOverride *ranges;
        int count;

        assert_false(quantizer_read_ranges(wrong[i], &ranges, &count));
        av_free(ranges);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quantizer_read_matrix_wants_64_numbers),
        cmocka_unit_test(test_quantizer_read_ranges_tells_quantizers_from_percentages),
        cmocka_unit_test(test_quantizer_read_ranges_wants_three_numbers_each),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
