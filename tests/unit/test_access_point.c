/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "s3/access_point.h"

static void test_access_point_parse_takes_both_signs_before_the_name(void **state)
{
    static const char *const arns[] = {
        "arn:aws-us-gov:s3:us-gov-west-1:123456789012:accesspoint/my-point",
        "arn:aws-us-gov:s3:us-gov-west-1:123456789012:accesspoint:my-point",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(arns) / sizeof(arns[0]); i++) {
        struct access_point point;
        struct error err;

        assert_true(access_point_parse(arns[i], &point, &err));
        assert_string_equal(point.partition, "aws-us-gov");
        assert_string_equal(point.region, "us-gov-west-1");
        assert_string_equal(point.account, "123456789012");
        assert_string_equal(point.name, "my-point");
    }
}

static void test_access_point_parse_refuses_other_arns_by_name(void **state)
{
    static const struct {
        const char *arn;
        const char *reason;
    } cases[] = {
        { "arn:aws:s3", "only ARN" },
        { "arn:aws:s3:::bucket", "only ARN" },
        { "arn:aws:sqs:us-west-2:123456789012:accesspoint:x", "only ARN" },
        { "arn:aws:s3:us-west-2:123456789012:accesspoint", "only ARN" },
        { "arn:aws:s3:us-west-2:123456789012:accesspoint/", "only ARN" },
        { "arn:aws:s3:us-west-2:123456789012:accesspoint:a:b", "only ARN" },
        { "arn:aws:s3:us-west-2:123456789012:accesspoint/evil.example", "only ARN" },
        { "arn:aws:s3:us-west-2:123456789012:accesspoint/a@b", "only ARN" },
        { "arn:aws:s3:us-west-2::accesspoint/x", "only ARN" },
        { "arn:aws:s3:us-west-2:123456789012:bucket:x", "only ARN" },
        { "arn:aws:s3::123456789012:accesspoint:m.mrap", "4A" },
        { "arn:aws:s3-outposts:us-west-2:123456789012:outpost:op-1:accesspoint:r", "Outposts" },
        { "arn:aws:s3-object-lambda:us-west-2:123456789012:accesspoint/b", "Object Lambda" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct access_point point;
        struct error err = { .kind = ERROR_NONE };

        assert_false(access_point_parse(cases[i].arn, &point, &err));
        assert_int_equal(err.kind, ERROR_USAGE);
        if (!strstr(err.text, cases[i].reason))
            fail_msg("%s", err.text);
    }
}

static void test_access_point_arn_length_finds_the_key(void **state)
{
    static const struct {
        const char *text;
        const char *rest;
    } cases[] = {
        { "arn:aws:s3:r:1:accesspoint/p/in/a.wav", "/in/a.wav" },
        { "arn:aws:s3:r:1:accesspoint:p/in/a.wav", "/in/a.wav" },
        { "arn:aws:s3:r:1:accesspoint/p", "" },
        { "arn:aws/x", "/x" },
        { "arn:", "" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_string_equal(cases[i].text + access_point_arn_length(cases[i].text), cases[i].rest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_access_point_parse_takes_both_signs_before_the_name),
        cmocka_unit_test(test_access_point_parse_refuses_other_arns_by_name),
        cmocka_unit_test(test_access_point_arn_length_finds_the_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
