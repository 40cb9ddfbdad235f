/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/digest.h"
#include "base/memory.h"
#include "s3/credentials_sso.h"
#include "s3_fixture.h"
#include "scratch.h"

#define PROFILE                                                                                    \
    "[default]\nsso_session = dev\nsso_account_id = 1\nsso_role_name = R\n"                        \
    "[sso-session dev]\nsso_start_url = https://dev.example\nsso_region = us-east-1\n"

/* Which token was shown; "": nobody has asked. */
static char shown[64];

static bool answer(void *arg, const struct http_request *request, struct http_response *response,
                   struct error *err)
{
    (void)arg;
    (void)err;
    snprintf(shown, sizeof(shown), "%s", request->headers[0].value);
    response->status = 200;
    buffer_append_text(&response->body, "{\"roleCredentials\":{\"accessKeyId\":\"AKIDSSO\","
                                        "\"secretAccessKey\":\"s\",\"sessionToken\":\"t\","
                                        "\"expiration\":4070908800000}}");
    return true;
}

/* With this config file, and this in the cache of the session "dev". */
static bool fetch(const char *config, const char *cached, struct error *err)
{
    struct s3_profiles *profiles;
    struct credentials_place place = { .profile = "default", .web = { answer, NULL } };
    struct key_set keys = { 0 };
    uint8_t digest[SHA1_SIZE];
    char hex[2 * SHA1_SIZE + 1];
    char *key;
    bool ok;

    s3_fixture_clear_environment();
    setenv("HOME", scratch_path(), 1);
    digest_sha1("dev", strlen("dev"), digest);
    key = memory_format(".aws/sso/cache/%s.json", digest_hex(digest, sizeof(digest), hex));
    scratch_file(key, cached);
    free(key);
    shown[0] = '\0';
    place.profiles = profiles = s3_profiles_new();
    assert_true(s3_profiles_load(profiles, err));
    assert_true(s3_profiles_read(profiles, S3_PROFILES_CONFIG, config, err));
    ok = credentials_sso_fetch(&place, "default", &keys, err);
    credentials_wipe(&keys);
    s3_profiles_free(profiles);
    return ok;
}

static void test_credentials_sso_shows_the_token_in_any_case_of_its_name(void **state)
{
    struct error err;

    (void)state;
    assert_true(
        fetch(PROFILE, "{\"accessToken\":\"one\",\"expiresAt\":\"2099-01-01T00:00:00Z\"}", &err));
    assert_string_equal(shown, "one");
    assert_true(
        fetch(PROFILE, "{\"AccessToken\":\"two\",\"ExpiresAt\":\"2099-01-01T00:00:00Z\"}", &err));
    assert_string_equal(shown, "two");
}

static void test_credentials_sso_says_to_log_in_when_the_token_has_ended(void **state)
{
    struct error err;

    (void)state;
    assert_false(
        fetch(PROFILE, "{\"accessToken\":\"one\",\"expiresAt\":\"2001-01-01T00:00:00Z\"}", &err));
    assert_string_equal(err.text,
                        "the cached SSO token has ended; log in: aws sso login --profile default");
    assert_string_equal(shown, "");
}

static void test_credentials_sso_does_not_choose_between_profile_and_session(void **state)
{
    static const char token[] = "{\"accessToken\":\"one\",\"expiresAt\":\"2099-01-01T00:00:00Z\"}";
    struct error err;

    (void)state;
    assert_true(fetch(PROFILE "[default]\nsso_region = us-east-1\n", token, &err));
    assert_false(fetch(PROFILE "[default]\nsso_region = eu-west-1\n", token, &err));
    assert_non_null(strstr(err.text, "sso_region of profile default"));
    assert_false(fetch(PROFILE "[default]\nsso_start_url = https://other\n", token, &err));
    assert_non_null(strstr(err.text, "sso_start_url of profile default"));
    assert_string_equal(shown, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_make, scratch_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_credentials_sso_shows_the_token_in_any_case_of_its_name),
        TEST(test_credentials_sso_says_to_log_in_when_the_token_has_ended),
        TEST(test_credentials_sso_does_not_choose_between_profile_and_session),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
