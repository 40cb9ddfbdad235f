/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "s3/s3_url.h"

static void test_s3_url_parse_splits_bucket_and_key(void **state)
{
    static const struct {
        const char *url;
        const char *bucket;
        const char *key;
    } cases[] = {
        { "s3://bucket", "bucket", "" },
        { "s3://in/media", "in", "media" },
        { "s3://bucket/", "bucket", "" },
        { "S3://bucket/a/b c.wav", "bucket", "a/b c.wav" },
        { "s3://my.dotted-bucket_1//lead/", "my.dotted-bucket_1", "/lead/" },
        { "s3://bucket/100%25?x#y", "bucket", "100%25?x#y" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct error err;
        char *bucket;
        char *key;

        print_message("%s\n", cases[i].url);
        assert_true(s3_url_parse(cases[i].url, &bucket, &key, &err));
        assert_string_equal(bucket, cases[i].bucket);
        assert_string_equal(key, cases[i].key);
        free(bucket);
        free(key);
    }
}

static void test_s3_url_parse_refuses_what_names_no_bucket(void **state)
{
    static const char *const urls[] = {
        "",           "bucket/key", "s3:/bucket", "s3://",           "s3:///key",
        "s3://a/key", "s3://a b/k", "s3://b@d/k", "s4://bucket/key", "s3://arn:aws:s3:::b/k"
    };

    (void)state;
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        struct error err = { 0 };
        char *bucket;
        char *key;

        print_message("%s\n", urls[i]);
        assert_false(s3_url_parse(urls[i], &bucket, &key, &err));
        assert_int_equal(err.kind, ERROR_USAGE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_s3_url_parse_splits_bucket_and_key),
        cmocka_unit_test(test_s3_url_parse_refuses_what_names_no_bucket),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
