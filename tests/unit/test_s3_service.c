/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "s3/s3_service_parts.h"
#include "s3_fixture.h"

static const char config_file[] = "[default]\n"
                                  "region = eu-west-1\n"
                                  "max_attempts = 7\n"
                                  "[profile styled]\n"
                                  "endpoint_url = http://profile.example\n"
                                  "s3 =\n"
                                  "  addressing_style = virtual\n"
                                  "[profile served]\n"
                                  "services = lab\n"
                                  "endpoint_url = http://profile.example\n"
                                  "[services lab]\n"
                                  "s3 =\n"
                                  "  endpoint_url = http://service.example\n"
                                  "[profile misspelled]\n"
                                  "services = lap\n"
                                  "[profile dual]\n"
                                  "s3 =\n"
                                  "  use_dualstack_endpoint = true\n"
                                  "[profile odd]\n"
                                  "s3 =\n"
                                  "  addressing_style = sideways\n";

static char path[64];

static int set_up(void **state)
{
    int file;

    (void)state;
    s3_fixture_clear_environment();
    snprintf(path, sizeof(path), "/tmp/avmap-test-config-XXXXXX");
    file = mkstemp(path);
    if (file < 0 || write(file, config_file, strlen(config_file)) < 0)
        return 1;
    close(file);
    setenv("AWS_CONFIG_FILE", path, 1);
    setenv("AWS_ACCESS_KEY_ID", "AKID", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return remove(path);
}

static struct s3_service *open_service(const struct s3_settings *settings)
{
    struct error err;
    struct s3_service *service = s3_service_new(settings, NULL, &err);

    if (!service)
        print_message("%s\n", err.text);
    assert_non_null(service);
    return service;
}

static void expect_region(const struct s3_settings *settings, const char *region)
{
    struct s3_service *service = open_service(settings);

    assert_string_equal(s3_service_region(service), region);
    s3_service_free(service);
}

static void test_s3_service_takes_the_region_from_the_nearest_place(void **state)
{
    struct s3_settings settings = { 0 };

    (void)state;
    expect_region(&settings, "eu-west-1");
    setenv("AWS_DEFAULT_REGION", "r-default", 1);
    expect_region(&settings, "r-default");
    setenv("AWS_REGION", "r-region", 1);
    expect_region(&settings, "r-region");
    settings.region = "r-flag";
    expect_region(&settings, "r-flag");
    s3_fixture_clear_environment();
    settings = (struct s3_settings){ .no_sign_request = true };
    expect_region(&settings, "us-east-1");
}

static void expect_endpoint(const struct s3_settings *settings, const char *authority)
{
    struct s3_service *service = open_service(settings);

    if (authority)
        assert_string_equal(service->endpoint.authority, authority);
    else
        assert_null(service->endpoint.authority);
    s3_service_free(service);
}

static void test_s3_service_takes_the_endpoint_from_the_nearest_place(void **state)
{
    struct s3_settings settings = { 0 };

    (void)state;
    expect_endpoint(&settings, NULL);
    setenv("AWS_PROFILE", "styled", 1);
    expect_endpoint(&settings, "profile.example");
    setenv("AWS_PROFILE", "served", 1);
    expect_endpoint(&settings, "service.example");
    setenv("AWS_ENDPOINT_URL", "http://all.example", 1);
    expect_endpoint(&settings, "all.example");
    setenv("AWS_ENDPOINT_URL_S3", "http://s3.example", 1);
    expect_endpoint(&settings, "s3.example");
    setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "TRUE", 1);
    expect_endpoint(&settings, NULL);
    settings.endpoint_url = "http://flag.example";
    expect_endpoint(&settings, "flag.example");
}

static void test_s3_service_takes_style_and_attempts_from_the_profile(void **state)
{
    struct s3_settings settings = { 0 };
    struct s3_service *service = open_service(&settings);

    (void)state;
    assert_int_equal(service->endpoint.addressing, S3_ADDRESSING_AUTO);
    assert_int_equal(service->max_attempts, 7);
    assert_int_equal(service->part_size, 8 * 1024 * 1024);
    assert_int_equal(service->single_put_max, 16 * 1024 * 1024);
    s3_service_free(service);
    setenv("AWS_PROFILE", "styled", 1);
    setenv("AWS_MAX_ATTEMPTS", "3", 1);
    service = open_service(&settings);
    assert_int_equal(service->endpoint.addressing, S3_ADDRESSING_VIRTUAL);
    assert_int_equal(service->max_attempts, 3);
    s3_service_free(service);
}

static void test_s3_service_takes_a_named_endpoint_before_special_hosts(void **state)
{
    struct s3_settings settings = { .profile = "dual", .no_sign_request = true };
    struct s3_service *service = open_service(&settings);

    (void)state;
    assert_true(service->endpoint.dual_stack);
    s3_service_free(service);
    setenv("AWS_USE_FIPS_ENDPOINT", "true", 1);
    settings.endpoint_url = "https://minio.example";
    service = open_service(&settings);
    assert_false(service->endpoint.dual_stack);
    assert_false(service->endpoint.fips);
    assert_string_equal(service->endpoint.authority, "minio.example");
    s3_service_free(service);
}

static void test_s3_service_new_misses_a_services_section_only_where_it_counts(void **state)
{
    struct s3_settings settings = { .profile = "misspelled", .no_sign_request = true };
    struct s3_service *service;
    struct error err;

    (void)state;
    assert_null(s3_service_new(&settings, NULL, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_non_null(strstr(err.text, "[services lap]"));
    setenv("AWS_ENDPOINT_URL_S3", "http://variable.example", 1);
    service = open_service(&settings);
    assert_string_equal(service->endpoint.authority, "variable.example");
    s3_service_free(service);
}

static void test_s3_service_new_refuses_settings_that_cannot_work(void **state)
{
    static const struct {
        struct s3_settings settings;
        const char *variable;
        const char *value;
    } cases[] = {
        { { .endpoint_url = "minio:9000" }, "AWS_REGION", "r" },
        { { .region = "no/region" }, "AWS_REGION", "r" },
        { { .profile = "nobody" }, "AWS_REGION", "r" },
        { { .ca_bundle = "/nowhere/ca.pem" }, "AWS_REGION", "r" },
        { { 0 }, "AWS_PROFILE", "nobody" },
        { { 0 }, "AWS_PROFILE", "odd" },
        { { 0 }, "AWS_MAX_ATTEMPTS", "many" },
        { { 0 }, "AWS_CA_BUNDLE", "/nowhere/ca.pem" },
        { { 0 }, "AWS_ENDPOINT_URL", "ftp://x" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct error err = { 0 };

        setenv(cases[i].variable, cases[i].value, 1);
        assert_null(s3_service_new(&cases[i].settings, NULL, &err));
        print_message("%s\n", err.text);
        assert_int_equal(err.kind, ERROR_USAGE);
        unsetenv(cases[i].variable);
    }
}

static void test_s3_service_new_needs_credentials_unless_anonymous(void **state)
{
    struct s3_settings settings = { 0 };
    struct s3_service *service;
    struct error err;

    (void)state;
    unsetenv("AWS_ACCESS_KEY_ID");
    assert_null(s3_service_new(&settings, NULL, &err));
    assert_int_equal(err.kind, ERROR_AUTH);
    assert_string_equal(err.word, "S3.NoCredentials");
    settings.no_sign_request = true;
    service = open_service(&settings);
    assert_null(service->credentials);
    s3_service_free(service);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_s3_service_takes_the_region_from_the_nearest_place),
        TEST(test_s3_service_takes_the_endpoint_from_the_nearest_place),
        TEST(test_s3_service_takes_style_and_attempts_from_the_profile),
        TEST(test_s3_service_takes_a_named_endpoint_before_special_hosts),
        TEST(test_s3_service_new_misses_a_services_section_only_where_it_counts),
        TEST(test_s3_service_new_refuses_settings_that_cannot_work),
        TEST(test_s3_service_new_needs_credentials_unless_anonymous),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
