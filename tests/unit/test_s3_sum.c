/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "s3/s3_sum.h"

#define MIB (UINT64_C(1) << 20)
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char digits[] = "123456789";

/* In pieces of that many bytes. */
static enum s3_verdict judge(const char *text, uint64_t part_size, size_t piece)
{
    struct s3_finding finding;
    struct s3_etag etag;
    struct s3_sum sum;

    assert_true(s3_etag_read(text, &etag));
    s3_sum_init(&sum, part_size);
    for (size_t i = 0; i < strlen(digits); i += piece)
        s3_sum_add(&sum, digits + i, strlen(digits) - i < piece ? strlen(digits) - i : piece);
    s3_sum_judge(&sum, &etag, &finding);
    assert_int_equal(finding.part_size, part_size);
    return finding.verdict;
}

/* The expected ones are what md5sum makes of the parts. */
static void test_s3_sum_is_that_of_the_parts_however_the_bytes_come(void **state)
{
    static const struct {
        const char *etag;
        uint64_t part_size;
    } cases[] = {
        { "25f9e794323b453885f5181f1b624d0b", 0 },
        { "5927c5d64d94a5786f90003aa26d0159-1", 9 },
        { "5927c5d64d94a5786f90003aa26d0159-1", 8 * MIB },
        { "324730582f20c3f18cbb66d63a6137d2-2", 5 },
        { "a8dd1c5498a84913e3d6e7b59d4b4f8f-3", 3 },
        { "d8b9d72258f3f4fc2dee15ce51557640-9", 1 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (size_t piece = 1; piece < 10; piece++)
            assert_int_equal(judge(cases[i].etag, cases[i].part_size, piece), S3_INTACT);
    }
}

static void test_s3_sum_of_parts_that_differs_may_be_of_other_parts(void **state)
{
    (void)state;
    assert_int_equal(judge("324730582f20c3f18cbb66d63a6137d2-2", 6, 9), S3_UNSURE);
    assert_int_equal(judge("35f9e794323b453885f5181f1b624d0b-2", 5, 9), S3_UNSURE);
    assert_int_equal(judge("35f9e794323b453885f5181f1b624d0b", 0, 9), S3_DAMAGED);
}

static void expect_sizes(unsigned parts, uint64_t size, const uint64_t *expected, size_t count)
{
    const struct s3_etag etag = { .parts = parts };
    uint64_t sizes[S3_SUM_SIZES_MAX];

    assert_int_equal(s3_sum_part_sizes(&etag, size, sizes), count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(sizes[i], expected[i]);
}

#define EXPECT(parts, size, ...)                                                                   \
    do {                                                                                           \
        const uint64_t expected[] = { __VA_ARGS__ };                                               \
        expect_sizes(parts, size, expected, COUNT(expected));                                      \
    } while (0)

static void test_s3_sum_part_sizes_are_those_that_fit_and_the_likeliest_first(void **state)
{
    (void)state;
    EXPECT(0, 20 * MIB, 0);
    EXPECT(3, 20 * MIB, 8 * MIB, 20 * MIB / 3 + 1, 7 * MIB, 9 * MIB);
    EXPECT(4, 20 * MIB, 5 * MIB, 6 * MIB);
    EXPECT(2, 9 * MIB + 1, 8 * MIB, 5 * MIB, 9 * MIB / 2 + 1, 6 * MIB, 7 * MIB, 9 * MIB);
    EXPECT(9, 9, 1);
    EXPECT(2, 20 * MIB, 16 * MIB, 15 * MIB, 10 * MIB, 11 * MIB, 12 * MIB, 13 * MIB, 14 * MIB,
           17 * MIB, 18 * MIB, 19 * MIB);
    EXPECT(1280, 10240 * MIB, 8 * MIB);
    EXPECT(9941, 99406 * MIB, 10 * MIB, 99406 * MIB / 9941 + 1);
}

/* One size there is always, as another reading can be held against any sum. */
static void test_s3_sum_part_sizes_are_never_none(void **state)
{
    (void)state;
    EXPECT(7, 10, 2);
    EXPECT(10000, 10, 1);
    EXPECT(3, 0, 1);
    EXPECT(1, UINT64_MAX, UINT64_MAX);
}

static void test_s3_sum_release_takes_what_was_begun_or_not(void **state)
{
    struct s3_sum sum = { .part = NULL };

    (void)state;
    s3_sum_release(&sum);
    s3_sum_init(&sum, 4);
    s3_sum_add(&sum, digits, 9);
    s3_sum_release(&sum);
    s3_sum_release(&sum);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_s3_sum_is_that_of_the_parts_however_the_bytes_come),
        cmocka_unit_test(test_s3_sum_of_parts_that_differs_may_be_of_other_parts),
        cmocka_unit_test(test_s3_sum_part_sizes_are_those_that_fit_and_the_likeliest_first),
        cmocka_unit_test(test_s3_sum_part_sizes_are_never_none),
        cmocka_unit_test(test_s3_sum_release_takes_what_was_begun_or_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
