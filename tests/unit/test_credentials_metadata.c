/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "s3/credentials_source.h"
#include "s3/setting.h"
#include "s3_fixture.h"

/* What the instance's service is asked, and answers: keys at the end of the path it expects. */
struct service {
    int token_status; /* 0: no answer, as from one hop too far */
    int role_status;
    unsigned refusals; /* of tokens that are shown at first */
    unsigned asked;
    bool token_shown;
};

static bool answer(void *arg, const struct http_request *request, struct http_response *response,
                   struct error *err)
{
    static const char folder[] =
        "http://169.254.169.254/latest/meta-data/iam/security-credentials/";
    struct service *service = arg;
    bool is_token = strcmp(request->method, "PUT") == 0;

    service->asked++;
    http_response_clear(response);
    response->status = is_token ? service->token_status : service->role_status;
    if (!is_token && service->refusals > 0) {
        service->refusals--;
        response->status = 401;
        return true;
    }
    if (response->status == 0)
        return error_set(err, ERROR_TRANSIENT, "S3.Timeout", "no answer");
    service->token_shown |= !is_token && request->header_count > 0;
    if (is_token)
        buffer_append_text(&response->body, "token");
    else if (strcmp(request->url, folder) == 0)
        buffer_append_text(&response->body, "role\n");
    else
        buffer_append_text(&response->body, "{\"Code\":\"Success\",\"AccessKeyId\":\"AKIDROLE\","
                                            "\"SecretAccessKey\":\"s\",\"Token\":\"t\","
                                            "\"Expiration\":\"2099-01-01T00:00:00Z\"}");
    return true;
}

static bool fetch(struct service *service, struct key_set *keys, struct error *err)
{
    struct s3_profiles *profiles = s3_profiles_new();
    const struct credentials_place place = {
        .profiles = profiles,
        .profile = "default",
        .web = { answer, service },
    };
    bool ok = credentials_metadata.fetch(&place, keys, err);

    s3_profiles_free(profiles);
    return ok;
}

static int set_up(void **state)
{
    (void)state;
    s3_fixture_clear_environment();
    unsetenv("AWS_EC2_METADATA_DISABLED");
    unsetenv("AWS_EC2_METADATA_V1_DISABLED");
    return 0;
}

static void expect_keys(struct service service, bool token_shown)
{
    struct key_set keys = { 0 };
    struct error err;

    assert_true(fetch(&service, &keys, &err));
    assert_string_equal(keys.id, "AKIDROLE");
    assert_int_equal(service.asked, 3);
    assert_int_equal(service.token_shown, token_shown);
    credentials_wipe(&keys);
}

static void expect_nothing(struct service service, unsigned asked)
{
    struct key_set keys = { 0 };
    struct error err;

    assert_true(fetch(&service, &keys, &err));
    assert_null(keys.id);
    assert_int_equal(service.asked, asked);
}

static void test_credentials_metadata_shows_its_token(void **state)
{
    (void)state;
    expect_keys((struct service){ .token_status = 200, .role_status = 200 }, true);
}

static void test_credentials_metadata_falls_back_to_version_1(void **state)
{
    (void)state;
    expect_keys((struct service){ .token_status = 403, .role_status = 200 }, false);
    expect_keys((struct service){ .token_status = 0, .role_status = 200 }, false);
    setenv("AWS_EC2_METADATA_V1_DISABLED", "true", 1);
    expect_nothing((struct service){ .token_status = 403, .role_status = 200 }, 1);
    expect_nothing((struct service){ .token_status = 0, .role_status = 200 }, 1);
}

static void test_credentials_metadata_are_not_there_when_nobody_answers(void **state)
{
    (void)state;
    expect_nothing((struct service){ .token_status = 0, .role_status = 0 }, 2);
    expect_nothing((struct service){ .token_status = 200, .role_status = 404 }, 2);
    setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
    expect_nothing((struct service){ .token_status = 200, .role_status = 200 }, 0);
}

static void test_credentials_metadata_asks_for_another_token_once(void **state)
{
    struct service once = { .token_status = 200, .role_status = 200, .refusals = 1 };
    struct service twice = { .token_status = 200, .role_status = 200, .refusals = 2 };
    struct key_set keys = { 0 };
    struct error err;

    (void)state;
    assert_true(fetch(&once, &keys, &err));
    assert_string_equal(keys.id, "AKIDROLE");
    assert_int_equal(once.asked, 5);
    credentials_wipe(&keys);
    assert_false(fetch(&twice, &keys, &err));
    assert_int_equal(twice.asked, 4);
}

static void test_credentials_metadata_that_refuse_are_an_error(void **state)
{
    struct service service = { .token_status = 200, .role_status = 401 };
    struct key_set keys = { 0 };
    struct error err;

    (void)state;
    assert_false(fetch(&service, &keys, &err));
    assert_int_equal(err.kind, ERROR_AUTH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_credentials_metadata_shows_its_token, set_up),
        cmocka_unit_test_setup(test_credentials_metadata_falls_back_to_version_1, set_up),
        cmocka_unit_test_setup(test_credentials_metadata_are_not_there_when_nobody_answers, set_up),
        cmocka_unit_test_setup(test_credentials_metadata_asks_for_another_token_once, set_up),
        cmocka_unit_test_setup(test_credentials_metadata_that_refuse_are_an_error, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
