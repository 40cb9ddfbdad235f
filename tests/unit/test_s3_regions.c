/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "s3/s3_regions.h"

static struct s3_regions regions;

static void check(const char *bucket, const char *expected)
{
    char region[S3_REGION_SIZE] = "r-one";

    s3_regions_look_up(&regions, bucket, region);
    assert_string_equal(region, expected);
}

static void test_s3_regions_look_up_remembers_buckets_elsewhere(void **state)
{
    (void)state;
    s3_regions_init(&regions);
    check("a", "r-one");
    s3_regions_set(&regions, "a", "r-two");
    s3_regions_set(&regions, "b", "r-three");
    s3_regions_set(&regions, "a", "r-four");
    check("a", "r-four");
    check("b", "r-three");
    check("c", "r-one");
    s3_regions_release(&regions);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_s3_regions_look_up_remembers_buckets_elsewhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
