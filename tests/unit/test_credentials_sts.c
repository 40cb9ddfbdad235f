/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "s3/credentials_sts.h"
#include "s3_fixture.h"
#include "scratch.h"

/* What STS was asked. */
struct service {
    char form[1024];
    bool is_signed;
    const char *day;     /* in which signatures count; NULL: any */
    const char *trouble; /* the body of a 400 that is the first answer; NULL: none */
    unsigned asked;
};

static bool is_refused(const struct service *service, const struct http_request *request)
{
    for (size_t i = 0; i < request->header_count && service->day; i++) {
        if (strcmp(request->headers[i].name, "x-amz-date") == 0)
            return strncmp(request->headers[i].value, service->day, strlen(service->day)) != 0;
    }
    return false;
}

static bool answer(void *arg, const struct http_request *request, struct http_response *response,
                   struct error *err)
{
    struct service *service = arg;
    bool is_web = strstr(request->body.bytes, "WithWebIdentity") != NULL;
    const char *action = is_web ? "AssumeRoleWithWebIdentity" : "AssumeRole";

    (void)err;
    snprintf(service->form, sizeof(service->form), "%s", request->body.bytes);
    for (size_t i = 0; i < request->header_count; i++)
        service->is_signed |= strcmp(request->headers[i].name, "authorization") == 0;
    service->asked++;
    http_response_clear(response);
    if (service->trouble && service->asked == 1) {
        response->status = 400;
        buffer_append_text(&response->body, service->trouble);
        return true;
    }
    response->status = is_refused(service, request) ? 403 : 200;
    snprintf(response->date, sizeof(response->date), "Fri, 24 May 2013 00:00:00 GMT");
    if (response->status == 403)
        return true;
    buffer_append_format(&response->body,
                         "<%sResponse><%sResult><Credentials><AccessKeyId>AKIDROLE</AccessKeyId>"
                         "<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>"
                         "<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>"
                         "</%sResult></%sResponse>",
                         action, action, action, action);
    return true;
}

static const struct credentials_role role = {
    .arn = "arn:aws:iam::123456789012:role/r",
    .session_name = "me & you",
    .external_id = "theirs",
    .duration_s = "900",
};

static void test_credentials_sts_signs_for_a_role(void **state)
{
    struct service service = { .is_signed = false };
    struct s3_profiles *profiles = s3_profiles_new();
    const struct credentials_place place = {
        .profiles = profiles,
        .profile = "default",
        .region = "eu-west-1",
        .web = { answer, &service },
    };
    const struct key_set with = { .id = (char[]){ "AKID" }, .secret = (char[]){ "secret" } };
    struct key_set keys = { 0 };
    struct error err;

    (void)state;
    s3_fixture_clear_environment();
    assert_true(credentials_assume_role(&place, &role, &with, &keys, &err));
    assert_string_equal(keys.id, "AKIDROLE");
    assert_true(service.is_signed);
    assert_string_equal(service.form,
                        "Action=AssumeRole&Version=2011-06-15"
                        "&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fr"
                        "&RoleSessionName=me%20%26%20you&DurationSeconds=900&ExternalId=theirs");
    credentials_wipe(&keys);
    s3_profiles_free(profiles);
}

static void expect_id(struct service *service, const char *id)
{
    struct s3_profiles *profiles = s3_profiles_new();
    const struct credentials_place place = {
        .profiles = profiles,
        .profile = "default",
        .web = { answer, service },
    };
    const struct key_set with = { .id = (char[]){ "AKID" }, .secret = (char[]){ "secret" } };
    struct key_set keys = { 0 };
    struct error err;

    s3_fixture_clear_environment();
    assert_int_equal(credentials_assume_role(&place, &role, &with, &keys, &err), id != NULL);
    if (id)
        assert_string_equal(keys.id, id);
    credentials_wipe(&keys);
    s3_profiles_free(profiles);
}

static void test_credentials_sts_signs_with_the_servers_time_when_ours_is_off(void **state)
{
    struct service service = { .day = "20130524T" };
    struct service refuses = { .day = "never" };

    (void)state;
    expect_id(&service, "AKIDROLE");
    assert_int_equal(service.asked, 2);
    expect_id(&refuses, NULL);
    assert_int_equal(refuses.asked, 2);
}

static void expect_asked(const char *trouble, unsigned asked)
{
    struct service service = { .trouble = trouble };

    expect_id(&service, asked > 1 ? "AKIDROLE" : NULL);
    assert_int_equal(service.asked, asked);
}

static void test_credentials_sts_asks_again_when_a_refusal_says_that_it_will_pass(void **state)
{
    (void)state;
    expect_asked("<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>", 2);
    expect_asked("<ErrorResponse><Error><Code>IDPCommunicationError</Code></Error></ErrorResponse>",
                 2);
    expect_asked("{\"__type\":\"com.amazonaws#ThrottlingException\",\"message\":\"\"}", 2);
    expect_asked("<ErrorResponse><Error><Code>MalformedPolicy</Code></Error></ErrorResponse>", 1);
    expect_asked("{\"__type\":\"InvalidRequestException\"}", 1);
    expect_asked("", 1);
}

static void test_credentials_sts_remembers_the_servers_time(void **state)
{
    struct service service = { .day = "20130524T" };
    struct s3_profiles *profiles = s3_profiles_new();
    struct server_clock clock = { 0 };
    const struct credentials_place place = {
        .profiles = profiles,
        .profile = "default",
        .clock = &clock,
        .web = { answer, &service },
    };
    const struct key_set with = { .id = (char[]){ "AKID" }, .secret = (char[]){ "secret" } };
    struct key_set keys = { 0 };
    struct error err;

    (void)state;
    s3_fixture_clear_environment();
    assert_true(credentials_assume_role(&place, &role, &with, &keys, &err));
    assert_int_equal(service.asked, 2);
    credentials_wipe(&keys);
    assert_true(credentials_assume_role(&place, &role, &with, &keys, &err));
    assert_int_equal(service.asked, 3);
    credentials_wipe(&keys);
    s3_profiles_free(profiles);
}

static void test_credentials_sts_shows_a_token_without_what_it_does_not_know(void **state)
{
    struct service service = { .is_signed = false };
    struct s3_profiles *profiles = s3_profiles_new();
    const struct credentials_place place = {
        .profiles = profiles,
        .profile = "default",
        .web = { answer, &service },
    };
    char *path = memory_format("%s/token", scratch_path());
    struct key_set keys = { 0 };
    struct error err;

    (void)state;
    s3_fixture_clear_environment();
    scratch_file("token", "the.token\n");
    assert_true(credentials_assume_with_web_identity(&place, &role, path, &keys, &err));
    assert_false(service.is_signed);
    assert_non_null(strstr(service.form, "&WebIdentityToken=the.token"));
    assert_null(strstr(service.form, "ExternalId"));
    assert_null(strstr(service.form, "%0A"));
    credentials_wipe(&keys);
    s3_profiles_free(profiles);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_credentials_sts_signs_for_a_role),
        cmocka_unit_test(test_credentials_sts_signs_with_the_servers_time_when_ours_is_off),
        cmocka_unit_test(test_credentials_sts_remembers_the_servers_time),
        cmocka_unit_test(test_credentials_sts_asks_again_when_a_refusal_says_that_it_will_pass),
        cmocka_unit_test_setup_teardown(
            test_credentials_sts_shows_a_token_without_what_it_does_not_know, scratch_make,
            scratch_remove),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
