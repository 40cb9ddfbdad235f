/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "s3/s3_write_headers.h"

static const char *find(const struct s3_write_headers *headers, const char *name)
{
    for (size_t i = 0; i < headers->count; i++) {
        if (strcmp(headers->list[i].name, name) == 0)
            return headers->list[i].value;
    }
    return NULL;
}

static const struct s3_settings all = {
    .acl = "bucket-owner-full-control",
    .sse = "aws:kms",
    .sse_kms_key_id = "key",
    .storage_class = "STANDARD_IA",
    .tagging = "a=b&c=d",
    .metadata = "One=1,two=2=2",
    .cache_control = "no-store",
    .content_type = "x/y",
};

static void test_s3_write_headers_say_what_was_asked_for(void **state)
{
    static const char *const expected[][2] = {
        { "x-amz-acl", "bucket-owner-full-control" },
        { "x-amz-server-side-encryption", "aws:kms" },
        { "x-amz-server-side-encryption-aws-kms-key-id", "key" },
        { "x-amz-storage-class", "STANDARD_IA" },
        { "x-amz-tagging", "a=b&c=d" },
        { "x-amz-meta-one", "1" },
        { "x-amz-meta-two", "2=2" },
        { "cache-control", "no-store" },
        { "content-type", "x/y" },
        { "x-amz-meta-avmap-recipe", "r" },
    };
    const struct s3_upload_request request = { .content_type = "audio/flac", .recipe = "r" };
    struct s3_write_headers headers;

    (void)state;
    s3_write_headers_init(&headers, &all, &request);
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        const char *value = find(&headers, expected[i][0]);

        print_message("%s\n", expected[i][0]);
        assert_non_null(value);
        assert_string_equal(value, expected[i][1]);
    }
    s3_write_headers_release(&headers);
}

static void test_s3_write_headers_of_records_are_only_those_of_access(void **state)
{
    const struct s3_upload_request request = { .content_type = "application/json",
                                               .is_record = true };
    struct s3_write_headers headers;

    (void)state;
    s3_write_headers_init(&headers, &all, &request);
    assert_int_equal(headers.count, 4);
    assert_string_equal(find(&headers, "content-type"), "application/json");
    assert_non_null(find(&headers, "x-amz-acl"));
    assert_non_null(find(&headers, "x-amz-server-side-encryption"));
    assert_null(find(&headers, "x-amz-storage-class"));
    s3_write_headers_release(&headers);
}

static void test_s3_write_headers_check_refuses_what_cannot_be_sent(void **state)
{
    static const struct {
        struct s3_settings settings;
        const char *option;
    } wrong[] = {
        { { .sse = "des" }, "--sse" },
        { { .sse_kms_key_id = "key" }, "--sse-kms-key-id" },
        { { .sse = "AES256", .sse_kms_key_id = "key" }, "--sse-kms-key-id" },
        { { .metadata = "a" }, "--metadata" },
        { { .metadata = "a=" }, "--metadata" },
        { { .metadata = "a=1,,b=2" }, "--metadata" },
        { { .metadata = "a b=1" }, "--metadata" },
        { { .metadata = "a=1,A=2" }, "--metadata" },
        { { .metadata = "avmap-recipe=1" }, "--metadata" },
        { { .metadata = "a=1\nb" }, "--metadata" },
        { { .cache_control = "no-store\r\nx-amz-acl: public-read" }, "--cache-control" },
        { { .metadata = "a=1,b=2,c=3,d=4,e=5,f=6,g=7,h=8,i=9,j=10,k=11" }, "--metadata" },
    };
    struct error err;

    (void)state;
    assert_true(s3_write_headers_check(&all, &err));
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_false(s3_write_headers_check(&wrong[i].settings, &err));
        assert_int_equal(err.kind, ERROR_USAGE);
        assert_non_null(strstr(err.text, wrong[i].option));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_s3_write_headers_say_what_was_asked_for),
        cmocka_unit_test(test_s3_write_headers_of_records_are_only_those_of_access),
        cmocka_unit_test(test_s3_write_headers_check_refuses_what_cannot_be_sent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
