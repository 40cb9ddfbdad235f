/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "s3/credentials_source.h"
#include "s3_fixture.h"

/* What the service was asked. */
struct service {
    unsigned asked;
    char url[256];
    char token[64];
};

static bool answer(void *arg, const struct http_request *request, struct http_response *response,
                   struct error *err)
{
    struct service *service = arg;

    (void)err;
    service->asked++;
    snprintf(service->url, sizeof(service->url), "%s", request->url);
    for (size_t i = 0; i < request->header_count; i++) {
        if (strcmp(request->headers[i].name, "authorization") == 0)
            snprintf(service->token, sizeof(service->token), "%s", request->headers[i].value);
    }
    http_response_clear(response);
    response->status = 200;
    buffer_append_text(&response->body, "{\"AccessKeyId\":\"AKIDTASK\",\"SecretAccessKey\":\"s\","
                                        "\"Token\":\"t\",\"Expiration\":\"2099-01-01T00:00:00Z\"}");
    return true;
}

static bool fetch(struct service *service, struct error *err)
{
    const struct credentials_place place = { .profile = "default", .web = { answer, service } };
    struct key_set keys = { 0 };
    bool ok = credentials_container.fetch(&place, &keys, err);

    credentials_wipe(&keys);
    return ok;
}

static void set_url(const char *url)
{
    s3_fixture_clear_environment();
    setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", url, 1);
    setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Bearer of news", 1);
}

static void test_credentials_container_shows_its_token_to_trusted_hosts(void **state)
{
    static const char *const urls[] = {
        "http://127.0.0.1/keys",         "http://127.0.0.1:8080/keys", "http://localhost:80",
        "http://LOCALHOST/keys?a=b@c",   "http://[::1]:80/keys",       "http://169.254.170.2/v2/x",
        "http://169.254.170.23/v1/keys", "http://[fd00:ec2::23]/v1",   "https://keys.example/x",
        "http://127.1.2.3/keys#@",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(urls); i++) {
        struct service service = { .asked = 0 };
        struct error err;

        set_url(urls[i]);
        assert_true(fetch(&service, &err));
        assert_string_equal(service.url, urls[i]);
        assert_string_equal(service.token, "Bearer of news");
    }
}

static void test_credentials_container_asks_nobody_else_in_clear_text(void **state)
{
    static const char *const urls[] = {
        "http://keys.example/",
        "http://127.0.0.1.keys.example/",
        "http://127.0.0.1@keys.example/",
        "http://127.0.0.1:80@keys.example/",
        "http://localhost:x@keys.example",
        "http://[::1]@keys.example/",
        "http://[::1]x/",
        "http://[::1",
        "http://[",
        "http://",
        "http://169.254.170.2\\@keys.example/",
        "http://192.0.2.1/",
        "ftp://127.0.0.1/",
        "127.0.0.1",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(urls); i++) {
        struct service service = { .asked = 0 };
        struct error err;

        set_url(urls[i]);
        assert_false(fetch(&service, &err));
        assert_int_equal(err.kind, ERROR_AUTH);
        assert_int_equal(service.asked, 0);
        assert_null(strstr(err.text, "news"));
    }
}

static void test_credentials_container_asks_ecs_by_a_relative_uri(void **state)
{
    struct service service = { .asked = 0 };
    struct error err;

    (void)state;
    set_url("http://127.0.0.1/");
    setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/id", 1);
    assert_true(fetch(&service, &err));
    assert_string_equal(service.url, "http://169.254.170.2/v2/credentials/id");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_credentials_container_shows_its_token_to_trusted_hosts),
        cmocka_unit_test(test_credentials_container_asks_nobody_else_in_clear_text),
        cmocka_unit_test(test_credentials_container_asks_ecs_by_a_relative_uri),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
