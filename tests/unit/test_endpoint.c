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
    { "https://bucket.vpce-1a-2b.s3.us-west-2.vpce.amazonaws.com", S3_ADDRESSING_AUTO, "us-west-2", "mine", "k", "bucket.vpce-1a-2b.s3.us-west-2.vpce.amazonaws.com", "/mine/k" },
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
        "http://host:99999",
        "http://host:-1",
        "http://host:0",
        "http://[::1",
        "http://:9000",
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

static const struct endpoint_hosts usual = { .fips = false };
static const struct endpoint_hosts fips = { .fips = true };
static const struct endpoint_hosts dual_stack = { .dual_stack = true };
static const struct endpoint_hosts both = { .fips = true, .dual_stack = true };
static const struct endpoint_hosts fast = { .accelerate = true };
static const struct endpoint_hosts fast_dual = { .accelerate = true, .dual_stack = true };

#define POINT "arn:aws:s3:eu-west-1:123456789012:accesspoint/my-point"

static void test_endpoint_choose_hosts_names_special_hosts(void **state)
{
    static const struct {
        const char *region;
        const struct endpoint_hosts *hosts;
        const char *bucket;
        const char *host;
    } cases[] = {
        { "us-west-2", &fips, "bucket", "bucket.s3-fips.us-west-2.amazonaws.com" },
        { "us-west-2", &dual_stack, "bucket", "bucket.s3.dualstack.us-west-2.amazonaws.com" },
        { "us-west-2", &both, "bucket", "bucket.s3-fips.dualstack.us-west-2.amazonaws.com" },
        { "cn-north-1", &dual_stack, "bucket", "bucket.s3.dualstack.cn-north-1.amazonaws.com.cn" },
        { "aws-global", &fips, "bucket", "bucket.s3-fips.us-east-1.amazonaws.com" },
        { "us-west-2", &fast, "bucket", "bucket.s3-accelerate.amazonaws.com" },
        { "us-west-2", &fast_dual, "bucket", "bucket.s3-accelerate.dualstack.amazonaws.com" },
        { "us-west-2", &usual, POINT,
          "my-point-123456789012.s3-accesspoint.eu-west-1.amazonaws.com" },
        { "us-west-2", &both, POINT,
          "my-point-123456789012.s3-accesspoint-fips.dualstack.eu-west-1.amazonaws.com" },
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
        assert_true(endpoint_choose_hosts(&endpoint, cases[i].region, cases[i].hosts, &err));
        assert_true(endpoint_check_bucket(&endpoint, cases[i].region, cases[i].bucket, &err));
        endpoint_locate(&endpoint, cases[i].region, cases[i].bucket, "k", &host, &path);
        assert_string_equal(host.bytes, cases[i].host);
        assert_string_equal(path.bytes, "/k");
        buffer_release(&host);
        buffer_release(&path);
        endpoint_release(&endpoint);
    }
}

static void test_endpoint_check_bucket_refuses_what_has_no_host(void **state)
{
    static const struct {
        enum s3_addressing addressing;
        const struct endpoint_hosts *hosts;
        const char *bucket;
    } cases[] = {
        { S3_ADDRESSING_PATH, &usual, POINT },
        { S3_ADDRESSING_AUTO, &fast, POINT },
        { S3_ADDRESSING_AUTO, &usual, "arn:aws-cn:s3:cn-north-1:123456789012:accesspoint/p" },
        { S3_ADDRESSING_AUTO, &usual, "arn:aws:s3:cn-north-1:123456789012:accesspoint/p" },
        { S3_ADDRESSING_AUTO, &fast, "bucket.name" },
        { S3_ADDRESSING_PATH, &fast, "bucket" },
        { S3_ADDRESSING_AUTO, &usual, "bucket--usw2-az1--x-s3" },
        { S3_ADDRESSING_AUTO, &usual, "point-kc1r--op-s3" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct endpoint endpoint;
        struct error err = { .kind = ERROR_NONE };

        assert_true(endpoint_init(&endpoint, NULL, cases[i].addressing, &err));
        assert_true(endpoint_choose_hosts(&endpoint, "us-west-2", cases[i].hosts, &err));
        assert_false(endpoint_check_bucket(&endpoint, "us-west-2", cases[i].bucket, &err));
        assert_int_equal(err.kind, ERROR_USAGE);
        assert_non_null(strstr(err.text, cases[i].bucket));
        endpoint_release(&endpoint);
    }
}

static void test_endpoint_check_bucket_takes_any_name_at_other_servers(void **state)
{
    struct endpoint endpoint;
    struct error err;

    (void)state;
    assert_true(endpoint_init(&endpoint, "http://minio.example", S3_ADDRESSING_AUTO, &err));
    assert_true(endpoint_check_bucket(&endpoint, "us-east-1", "odd--x-s3", &err));
    endpoint.own_region_only = true;
    assert_true(endpoint_check_bucket(&endpoint, "eu-west-1", POINT, &err));
    assert_false(endpoint_check_bucket(&endpoint, "us-east-1", POINT, &err));
    endpoint_release(&endpoint);
}

static void test_endpoint_choose_hosts_refuses_where_there_are_none(void **state)
{
    struct endpoint endpoint;
    struct error err;

    (void)state;
    assert_true(endpoint_init(&endpoint, "http://minio.example", S3_ADDRESSING_AUTO, &err));
    assert_false(endpoint_choose_hosts(&endpoint, "us-east-1", &fips, &err));
    assert_false(endpoint_choose_hosts(&endpoint, "us-east-1", &dual_stack, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_true(endpoint_choose_hosts(&endpoint, "us-east-1", &usual, &err));
    endpoint_release(&endpoint);
    assert_true(endpoint_init(&endpoint, NULL, S3_ADDRESSING_AUTO, &err));
    assert_false(endpoint_choose_hosts(&endpoint, "cn-north-1", &fips, &err));
    assert_false(endpoint_choose_hosts(&endpoint, "cn-north-1", &fast, &err));
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

static void test_endpoint_wants_equal_parts_at_r2_alone(void **state)
{
    static const struct {
        const char *url;
        bool equal;
    } urls[] = {
        { NULL, false },
        { "https://minio.example", false },
        { "https://abc.r2.cloudflarestorage.com", true },
        { "https://abc.eu.r2.cloudflarestorage.com:443", true },
        { "https://abc.r2.cloudflarestorage.com.evil.example", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        struct endpoint endpoint;
        struct error err;

        assert_true(endpoint_init(&endpoint, urls[i].url, S3_ADDRESSING_AUTO, &err));
        assert_int_equal(endpoint_wants_equal_parts(&endpoint), urls[i].equal);
        endpoint_release(&endpoint);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_endpoint_locate_finds_host_and_path),
        cmocka_unit_test(test_endpoint_init_refuses_what_is_no_plain_http_url),
        cmocka_unit_test(test_endpoint_choose_hosts_names_special_hosts),
        cmocka_unit_test(test_endpoint_check_bucket_refuses_what_has_no_host),
        cmocka_unit_test(test_endpoint_check_bucket_takes_any_name_at_other_servers),
        cmocka_unit_test(test_endpoint_choose_hosts_refuses_where_there_are_none),
        cmocka_unit_test(test_endpoint_is_region_keeps_other_hosts_out),
        cmocka_unit_test(test_endpoint_wants_equal_parts_at_r2_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
