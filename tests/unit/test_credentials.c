/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "s3/credentials.h"
#include "s3_fixture.h"

static const char credentials_file[] = "[default]\n"
                                       "aws_access_key_id = AKIDDEFAULT\n"
                                       "aws_secret_access_key = default-secret\n"
                                       "[half]\n"
                                       "aws_access_key_id = AKIDHALF\n"
                                       "[token]\n"
                                       "aws_access_key_id = AKIDTOKEN\n"
                                       "aws_secret_access_key = token-secret\n"
                                       "aws_session_token = token-token\n";

static const char config_file[] = "[profile inconfig]\n"
                                  "aws_access_key_id = AKIDCONFIG\n"
                                  "aws_secret_access_key = config-secret\n"
                                  "[profile half]\n"
                                  "aws_secret_access_key = of another file\n";

struct fixture {
    struct s3_profiles *profiles;
    struct credentials_place place;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    struct error err;

    s3_fixture_clear_environment();
    fixture.profiles = s3_profiles_new();
    assert_true(
        s3_profiles_read(fixture.profiles, S3_PROFILES_CREDENTIALS, credentials_file, &err));
    assert_true(s3_profiles_read(fixture.profiles, S3_PROFILES_CONFIG, config_file, &err));
    fixture.place =
        (struct credentials_place){ .profiles = fixture.profiles, .profile = "default" };
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    s3_profiles_free(fixture->profiles);
    return 0;
}

static void expect_id(const struct fixture *fixture, const char *id)
{
    struct credentials *credentials = credentials_new(&fixture->place);
    struct key_set keys = { 0 };
    struct error err;

    assert_true(credentials_update(credentials, NULL, &keys, &err));
    assert_string_equal(keys.id, id);
    credentials_wipe(&keys);
    credentials_free(credentials);
}

static void expect_none(const struct fixture *fixture, const char *text)
{
    struct credentials *credentials = credentials_new(&fixture->place);
    struct key_set keys = { 0 };
    struct error err;

    assert_false(credentials_update(credentials, NULL, &keys, &err));
    assert_int_equal(err.kind, ERROR_AUTH);
    assert_string_equal(err.word, "S3.NoCredentials");
    assert_non_null(strstr(err.text, text));
    assert_null(keys.id);
    credentials_free(credentials);
}

static void test_credentials_come_from_the_environment_first(void **state)
{
    struct fixture *fixture = *state;
    struct key_set keys = { 0 };
    struct error err;

    setenv("AWS_ACCESS_KEY_ID", "AKIDENV", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "env-secret", 1);
    setenv("AWS_SESSION_TOKEN", "env-token", 1);
    expect_id(fixture, "AKIDENV");
    assert_true(credentials_environment.fetch(&fixture->place, &keys, &err));
    assert_string_equal(keys.secret, "env-secret");
    assert_string_equal(keys.token, "env-token");
    credentials_wipe(&keys);
}

static void expect_token(const struct fixture *fixture, const char *token)
{
    struct credentials *credentials = credentials_new(&fixture->place);
    struct key_set keys = { 0 };
    struct error err;

    assert_true(credentials_update(credentials, NULL, &keys, &err));
    assert_string_equal(keys.token, token);
    credentials_wipe(&keys);
    credentials_free(credentials);
}

/* What older programs write; botocore prefers it. */
static void test_credentials_know_the_old_name_of_the_token(void **state)
{
    struct fixture *fixture = *state;
    struct error err;

    assert_true(s3_profiles_read(fixture->profiles, S3_PROFILES_CREDENTIALS,
                                 "[default]\naws_security_token = old-token\n", &err));
    expect_token(fixture, "old-token");
    setenv("AWS_ACCESS_KEY_ID", "AKIDENV", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "env-secret", 1);
    setenv("AWS_SESSION_TOKEN", "env-token", 1);
    expect_token(fixture, "env-token");
    setenv("AWS_SECURITY_TOKEN", "old-env-token", 1);
    expect_token(fixture, "old-env-token");
}

static void test_credentials_skip_the_environment_when_a_profile_was_chosen(void **state)
{
    struct fixture *fixture = *state;

    setenv("AWS_ACCESS_KEY_ID", "AKIDENV", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "env-secret", 1);
    fixture->place.profile_chosen = true;
    expect_id(fixture, "AKIDDEFAULT");
}

static void test_credentials_come_from_the_config_file_last(void **state)
{
    struct fixture *fixture = *state;

    fixture->place.profile = "inconfig";
    expect_id(fixture, "AKIDCONFIG");
}

static void test_credentials_carry_the_session_token_of_a_profile(void **state)
{
    struct fixture *fixture = *state;
    struct key_set keys = { 0 };
    struct error err;

    fixture->place.profile = "token";
    assert_true(credentials_profile.fetch(&fixture->place, &keys, &err));
    assert_string_equal(keys.token, "token-token");
    credentials_wipe(&keys);
}

static void test_credentials_fail_when_half_a_key_set_is_there(void **state)
{
    struct fixture *fixture = *state;

    fixture->place.profile = "half";
    expect_none(fixture, "aws_secret_access_key");
    setenv("AWS_ACCESS_KEY_ID", "AKIDENV", 1);
    expect_none(fixture, "AWS_SECRET_ACCESS_KEY is not");
}

static void test_credentials_say_where_they_looked_when_there_are_none(void **state)
{
    struct fixture *fixture = *state;

    fixture->place.profile = "nobody";
    expect_none(fixture, "AWS_ACCESS_KEY_ID is not set, profile nobody");
    expect_none(fixture, "--no-sign-request");
}

static void test_credentials_update_asks_again_only_after_reject(void **state)
{
    struct fixture *fixture = *state;
    struct credentials *credentials = credentials_new(&fixture->place);
    struct key_set keys = { 0 };
    struct error err;

    setenv("AWS_ACCESS_KEY_ID", "AKIDONE", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
    assert_true(credentials_update(credentials, NULL, &keys, &err));
    setenv("AWS_ACCESS_KEY_ID", "AKIDTWO", 1);
    assert_true(credentials_update(credentials, NULL, &keys, &err));
    assert_string_equal(keys.id, "AKIDONE");

    credentials_reject(credentials, &keys);
    assert_true(credentials_update(credentials, NULL, &keys, &err));
    assert_string_equal(keys.id, "AKIDTWO");
    credentials_wipe(&keys);
    credentials_free(credentials);
}

static void test_credentials_reject_of_former_keys_does_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct credentials *credentials = credentials_new(&fixture->place);
    struct key_set one = { 0 };
    struct key_set other = { 0 };
    struct error err;
    unsigned version;

    assert_true(credentials_update(credentials, NULL, &one, &err));
    assert_true(credentials_update(credentials, NULL, &other, &err));
    credentials_reject(credentials, &one);
    assert_true(credentials_update(credentials, NULL, &one, &err));
    version = one.version;
    credentials_reject(credentials, &other);
    assert_true(credentials_update(credentials, NULL, &one, &err));
    assert_int_equal(one.version, version);
    credentials_wipe(&one);
    credentials_wipe(&other);
    credentials_free(credentials);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_credentials_come_from_the_environment_first),
        TEST(test_credentials_skip_the_environment_when_a_profile_was_chosen),
        TEST(test_credentials_come_from_the_config_file_last),
        TEST(test_credentials_know_the_old_name_of_the_token),
        TEST(test_credentials_carry_the_session_token_of_a_profile),
        TEST(test_credentials_fail_when_half_a_key_set_is_there),
        TEST(test_credentials_say_where_they_looked_when_there_are_none),
        TEST(test_credentials_update_asks_again_only_after_reject),
        TEST(test_credentials_reject_of_former_keys_does_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
