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

static void test_s3_url_encode_leaves_only_unreserved_bytes(void **state)
{
    struct buffer out;

    (void)state;
    buffer_init(&out, 1024);
    s3_url_encode(&out, "aZ9-._~ +%&/\n\xc3\xa9", false);
    assert_string_equal(out.bytes, "aZ9-._~%20%2B%25%26%2F%0A%C3%A9");
    buffer_clear(&out);
    s3_url_encode(&out, "/a//b/../c", true);
    assert_string_equal(out.bytes, "/a//b/../c");
    buffer_release(&out);
}

static void test_s3_url_decode_undoes_encode_for_every_byte(void **state)
{
    char all[256];
    struct buffer out;

    (void)state;
    for (int byte = 1; byte < 256; byte++)
        all[byte - 1] = (char)byte;
    all[255] = '\0';
    buffer_init(&out, 1024);
    s3_url_encode(&out, all, false);
    assert_true(s3_url_decode(out.bytes, true));
    assert_string_equal(out.bytes, all);
    buffer_release(&out);
}

static void test_s3_url_decode_takes_plus_as_asked(void **state)
{
    char space[] = "a+b%2bc";
    char plus[] = "a+b";

    (void)state;
    assert_true(s3_url_decode(space, true));
    assert_string_equal(space, "a b+c");
    assert_true(s3_url_decode(plus, false));
    assert_string_equal(plus, "a+b");
}

static void test_s3_url_decode_refuses_malformed_text_and_nul(void **state)
{
    static const char *const texts[] = { "%", "%4", "%4g", "%g4", "a%00b", "100%" };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        char text[16];

        snprintf(text, sizeof(text), "%s", texts[i]);
        print_message("%s\n", text);
        assert_false(s3_url_decode(text, true));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_s3_url_parse_splits_bucket_and_key),
        cmocka_unit_test(test_s3_url_parse_refuses_what_names_no_bucket),
        cmocka_unit_test(test_s3_url_encode_leaves_only_unreserved_bytes),
        cmocka_unit_test(test_s3_url_decode_undoes_encode_for_every_byte),
        cmocka_unit_test(test_s3_url_decode_takes_plus_as_asked),
        cmocka_unit_test(test_s3_url_decode_refuses_malformed_text_and_nul),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
