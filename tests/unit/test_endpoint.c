/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "s3/endpoint.h"

struct place_case {
    const char *url; /* NULL: AWS */
    enum s3_addressing addressing;
    const char *region;
    const char *bucket;
    const char *key; /* NULL: the bucket */
    const char *host;
    const char *path;
};

/* clang-format off */
static const struct place_case places[] = {
    { NULL, S3_ADDRESSING_AUTO, "us-east-1", "bucket", "a b", "bucket.s3.us-east-1.amazonaws.com", "/a%20b" },
    { NULL, S3_ADDRESSING_AUTO, "us-east-1", "bucket", NULL, "bucket.s3.us-east-1.amazonaws.com", "/" },
    { NULL, S3_ADDRESSING_PATH, "eu-west-1", "bucket", "k", "s3.eu-west-1.amazonaws.com", "/bucket/k" },
    { NULL, S3_ADDRESSING_AUTO, "cn-north-1", "bucket", "k", "bucket.s3.cn-north-1.amazonaws.com.cn", "/k" },
    { NULL, S3_ADDRESSING_AUTO, "us-east-1", "my.bucket", "k", "s3.us-east-1.amazonaws.com", "/my.bucket/k" },
    { NULL, S3_ADDRESSING_VIRTUAL, "us-east-1", "my.bucket", "k", "s3.us-east-1.amazonaws.com", "/my.bucket/k" },
    { NULL, S3_ADDRESSING_AUTO, "aws-global", "bucket", "k", "bucket.s3.amazonaws.com", "/k" },
    { NULL, S3_ADDRESSING_AUTO, "us-gov-west-1", "bucket", "k", "bucket.s3.us-gov-west-1.amazonaws.com", "/k" },
    { NULL, S3_ADDRESSING_AUTO, "us-east-1", "ap-x1y2-s3alias", "k", "ap-x1y2-s3alias.s3.us-east-1.amazonaws.com", "/k" },
    { "http://minio.example", S3_ADDRESSING_VIRTUAL, "us-east-1", "my.bucket", "k", "my.bucket.minio.example", "/k" },
    { NULL, S3_ADDRESSING_AUTO, "us-east-1", "Old_Bucket", "k", "s3.us-east-1.amazonaws.com", "/Old_Bucket/k" },
    { NULL, S3_ADDRESSING_AUTO, "us-east-1", "-bucket", "k", "s3.us-east-1.amazonaws.com", "/-bucket/k" },
    { "http://127.0.0.1:9000", S3_ADDRESSING_AUTO, "us-east-1", "bucket", "k", "127.0.0.1:9000", "/bucket/k" },
    { "http://127.0.0.1:9000", S3_ADDRESSING_VIRTUAL, "us-east-1", "bucket", "k", "127.0.0.1:9000", "/bucket/k" },
    { "http://[::1]:9000/", S3_ADDRESSING_VIRTUAL, "us-east-1", "bucket", NULL, "[::1]:9000", "/bucket" },
    { "https://Minio.Example:443/base/", S3_ADDRESSING_AUTO, "x", "bucket", "/k", "minio.example", "/base/bucket//k" },
    { "http://minio.example:443", S3_ADDRESSING_VIRTUAL, "x", "bucket", "..", "bucket.minio.example:443", "/.." },
    { "http://minio.example:80", S3_ADDRESSING_AUTO, "x", "bucket", "k", "minio.example", "/bucket/k" },
    { "https://s3.us-west-2.amazonaws.com", S3_ADDRESSING_AUTO, "us-west-2", "bucket", "k", "bucket.s3.us-west-2.amazonaws.com", "/k" },
};

/* clang-format on */

static void test_endpoint_locate_finds_host_and_path(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        const struct place_case *place = &places[i];
        struct endpoint endpoint;
        struct buffer host;
        struct buffer path;
        struct error err;

        print_message("%s %s %s\n", place->url ? place->url : "AWS", place->bucket,
                      place->key ? place->key : "(bucket)");
        buffer_init(&host, 1024);
        buffer_init(&path, 1024);
        assert_true(endpoint_init(&endpoint, place->url, place->addressing, &err));
        endpoint_locate(&endpoint, place->region, place->bucket, place->key, &host, &path);
        assert_string_equal(host.bytes, place->host);
        assert_string_equal(path.bytes, place->path);
        buffer_release(&host);
        buffer_release(&path);
        endpoint_release(&endpoint);
    }
}

static void test_endpoint_init_refuses_what_is_no_plain_http_url(void **state)
{
    static const char *const urls[] = {
        "",
        "minio:9000",
        "ftp://host",
        "http://",
        "http:///x",
        "http://u:p@host/",
        "https://host?query",
        "https://host/a b",
        "abcde://nota#url",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        struct endpoint endpoint;
        struct error err;

        print_message("%s\n", urls[i]);
        assert_false(endpoint_init(&endpoint, urls[i], S3_ADDRESSING_AUTO, &err));
        assert_int_equal(err.kind, ERROR_USAGE);
        endpoint_release(&endpoint);
    }
}

static void test_endpoint_choose_hosts_names_special_hosts(void **state)
{
    static const struct {
        const char *region;
        bool fips;
        bool dual_stack;
        const char *host;
    } cases[] = {
        { "us-west-2", true, false, "bucket.s3-fips.us-west-2.amazonaws.com" },
        { "us-west-2", false, true, "bucket.s3.dualstack.us-west-2.amazonaws.com" },
        { "us-west-2", true, true, "bucket.s3-fips.dualstack.us-west-2.amazonaws.com" },
        { "cn-north-1", false, true, "bucket.s3.dualstack.cn-north-1.amazonaws.com.cn" },
        { "aws-global", true, false, "bucket.s3-fips.us-east-1.amazonaws.com" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct endpoint endpoint;
        struct buffer host;
        struct buffer path;
        struct error err;

        buffer_init(&host, 1024);
        buffer_init(&path, 1024);
        assert_true(endpoint_init(&endpoint, NULL, S3_ADDRESSING_AUTO, &err));
        assert_true(endpoint_choose_hosts(&endpoint, cases[i].region, cases[i].fips,
                                          cases[i].dual_stack, &err));
        endpoint_locate(&endpoint, cases[i].region, "bucket", NULL, &host, &path);
        assert_string_equal(host.bytes, cases[i].host);
        buffer_release(&host);
        buffer_release(&path);
        endpoint_release(&endpoint);
    }
}

static void test_endpoint_choose_hosts_refuses_where_there_are_none(void **state)
{
    struct endpoint endpoint;
    struct error err;

    (void)state;
    assert_true(endpoint_init(&endpoint, "http://minio.example", S3_ADDRESSING_AUTO, &err));
    assert_false(endpoint_choose_hosts(&endpoint, "us-east-1", true, false, &err));
    assert_false(endpoint_choose_hosts(&endpoint, "us-east-1", false, true, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_true(endpoint_choose_hosts(&endpoint, "us-east-1", false, false, &err));
    endpoint_release(&endpoint);
    assert_true(endpoint_init(&endpoint, NULL, S3_ADDRESSING_AUTO, &err));
    assert_false(endpoint_choose_hosts(&endpoint, "cn-north-1", true, false, &err));
    endpoint_release(&endpoint);
}

static void test_endpoint_is_region_keeps_other_hosts_out(void **state)
{
    (void)state;
    assert_true(endpoint_is_region("eu-central-1"));
    assert_true(endpoint_is_region("default"));
    assert_false(endpoint_is_region(""));
    assert_false(endpoint_is_region("evil.example/"));
    assert_false(endpoint_is_region("US-EAST-1"));
    assert_false(endpoint_is_region("-x"));
    assert_false(endpoint_is_region("x\r\nhost: y"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_endpoint_locate_finds_host_and_path),
        cmocka_unit_test(test_endpoint_init_refuses_what_is_no_plain_http_url),
        cmocka_unit_test(test_endpoint_choose_hosts_names_special_hosts),
        cmocka_unit_test(test_endpoint_choose_hosts_refuses_where_there_are_none),
        cmocka_unit_test(test_endpoint_is_region_keeps_other_hosts_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
