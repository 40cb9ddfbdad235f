/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "s3/s3_profiles.h"

static const char config[] = "\xEF\xBB\xBF# a comment\r\n"
                             "[default]\r\n"
                             "region = eu-west-1\r\n"
                             "\r\n"
                             "[profile  work]\n"
                             "REGION=us-west-2   \n"
                             "; another comment\n"
                             "s3 =\n"
                             "    addressing_style = path\n"
                             "    max_concurrent_requests=4\n"
                             "endpoint_url = http://localhost:9000/a=b\n"
                             "output : json\n"
                             "  continued: line\n"
                             "sso_start_url: https://start.example/?a=b\n"
                             "x:y=z\n"
                             "role_arn=\n"
                             "[profile \"two words\"]\n"
                             "  region = eu-north-1\n"
                             "  output = text\n"
                             "[work]\n"
                             "region = ignored-1\n"
                             "[services local]\n"
                             "s3 =\n"
                             "  endpoint_url = http://localhost:9001\n"
                             "[profile empty]\n"
                             "[profile in valid]\n"
                             "region = lost\n"
                             "[profile m\xC3\xBCller]\n"
                             "region = eu-central-2\n"
                             "[sso-session dev]\n"
                             "sso_region = eu-west-3\n";

static const char credentials[] = "[default]\n"
                                  "aws_access_key_id = first\n"
                                  "aws_access_key_id = second\n"
                                  "[work]\n"
                                  "\taws_access_key_id\t=\tAKIDWORK\n"
                                  "region = credentials-wins\n"
                                  "[\"two words\"]\n"
                                  "aws_session_token = t = o # k ; e n\n";

static struct s3_profiles *read_both(void)
{
    struct s3_profiles *profiles = s3_profiles_new();
    struct error err;

    assert_true(s3_profiles_read(profiles, S3_PROFILES_CONFIG, config, &err));
    assert_true(s3_profiles_read(profiles, S3_PROFILES_CREDENTIALS, credentials, &err));
    return profiles;
}

static void test_s3_profiles_find_reads_as_botocore_does(void **state)
{
    static const struct {
        const char *profile;
        const char *name;
        const char *value;
    } cases[] = {
        { "default", "region", "eu-west-1" },
        { "default", "aws_access_key_id", "second" },
        { "work", "region", "credentials-wins" },
        { "work", "aws_access_key_id", "AKIDWORK" },
        { "work", "s3.addressing_style", "path" },
        { "work", "s3.max_concurrent_requests", "4" },
        { "work", "endpoint_url", "http://localhost:9000/a=b" },
        { "work", "output", "json\ncontinued: line" },
        { "work", "sso_start_url", "https://start.example/?a=b" },
        { "work", "x:y", "z" },
        { "work", "role_arn", NULL },
        { "work", "missing", NULL },
        { "two words", "region", "eu-north-1" },
        { "two words", "output", "text" },
        { "two words", "aws_session_token", "t = o" },
        { "m\xC3\xBCller", "region", "eu-central-2" },
        { "empty", "region", NULL },
        { "in valid", "region", NULL },
        { "nobody", "region", NULL },
    };
    struct s3_profiles *profiles = read_both();

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *value = s3_profiles_find(profiles, cases[i].profile, cases[i].name);

        print_message("%s %s\n", cases[i].profile, cases[i].name);
        if (cases[i].value) {
            assert_non_null(value);
            assert_string_equal(value, cases[i].value);
        } else {
            assert_null(value);
        }
    }
    s3_profiles_free(profiles);
}

static void test_s3_profiles_get_looks_into_one_file(void **state)
{
    struct s3_profiles *profiles = read_both();

    (void)state;
    assert_string_equal(s3_profiles_get(profiles, S3_PROFILES_CONFIG, "work", "region"),
                        "us-west-2");
    assert_null(s3_profiles_get(profiles, S3_PROFILES_CREDENTIALS, "work", "endpoint_url"));
    s3_profiles_free(profiles);
}

static void test_s3_profiles_has_knows_profiles_without_settings(void **state)
{
    struct s3_profiles *profiles = read_both();

    (void)state;
    assert_true(s3_profiles_has(profiles, "empty"));
    assert_true(s3_profiles_has(profiles, "two words"));
    assert_false(s3_profiles_has(profiles, "in valid"));
    assert_false(s3_profiles_has(profiles, "local"));
    s3_profiles_free(profiles);
}

static void test_s3_profiles_find_in_reads_other_sections(void **state)
{
    struct s3_profiles *profiles = read_both();

    (void)state;
    assert_string_equal(s3_profiles_find_in(profiles, "services", "local", "s3.endpoint_url"),
                        "http://localhost:9001");
    assert_string_equal(s3_profiles_find_in(profiles, "sso-session", "dev", "sso_region"),
                        "eu-west-3");
    assert_null(s3_profiles_find_in(profiles, "services", "work", "region"));
    s3_profiles_free(profiles);
}

static void test_s3_profiles_load_follows_the_environment(void **state)
{
    char folder[] = "/tmp/avmap-test-XXXXXX";
    struct s3_profiles *profiles = s3_profiles_new();
    struct error err;
    char path[64];
    FILE *file;

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/config", folder);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs("[profile x]\nregion = eu-south-1\n", file);
    fclose(file);
    setenv("HOME", folder, 1);
    setenv("AWS_CONFIG_FILE", "~/config", 1);
    setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere/at/all", 1);
    assert_true(s3_profiles_load(profiles, &err));
    assert_string_equal(s3_profiles_path(profiles, S3_PROFILES_CONFIG), path);
    assert_string_equal(s3_profiles_find(profiles, "x", "region"), "eu-south-1");
    s3_profiles_free(profiles);
    remove(path);
    remove(folder);
}

static void test_s3_profiles_read_refuses_lines_without_sense(void **state)
{
    static const char *const texts[] = {
        "a = b\n",
        "[profile x]\n\nnonsense\n",
        "[profile x\na = b\n",
        "[profile x]\n= b\n",
        "[profile x]\n more\n",
        "[profile x]\ns3 =\n  path\n",
        "[profile x]\ns3 =\n  = path\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct s3_profiles *profiles = s3_profiles_new();
        struct error err;

        print_message("%s", texts[i]);
        assert_false(s3_profiles_read(profiles, S3_PROFILES_CONFIG, texts[i], &err));
        assert_int_equal(err.kind, ERROR_USAGE);
        assert_non_null(strstr(err.text, "line "));
        s3_profiles_free(profiles);
    }
}

static void test_s3_profiles_read_prefers_profile_default(void **state)
{
    static const char *const texts[] = {
        "[default]\na = plain\n[profile default]\nb = full\n",
        "[profile default]\nb = full\n[default]\na = plain\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct s3_profiles *profiles = s3_profiles_new();
        struct error err;

        assert_true(s3_profiles_read(profiles, S3_PROFILES_CONFIG, texts[i], &err));
        assert_null(s3_profiles_find(profiles, "default", "a"));
        assert_string_equal(s3_profiles_find(profiles, "default", "b"), "full");
        s3_profiles_free(profiles);
    }
}

/* Files that a program has written can be long. */
static void test_s3_profiles_finds_each_of_many(void **state)
{
    enum { MANY = 20000 };

    struct s3_profiles *profiles = s3_profiles_new();
    struct buffer text;
    struct error err;
    char name[32];

    (void)state;
    buffer_init(&text, SIZE_MAX);
    for (unsigned i = 0; i < MANY; i++)
        buffer_append_format(&text,
                             "[profile p%u]\nrole_arn = r%u\nsource_profile = p%u\ns3 =\n"
                             " addressing_style = a%u\n",
                             i, i, i + 1, i);
    assert_true(s3_profiles_read(profiles, S3_PROFILES_CONFIG, text.bytes, &err));
    for (unsigned i = 0; i < MANY; i++) {
        char profile[32];

        snprintf(profile, sizeof(profile), "p%u", i);
        snprintf(name, sizeof(name), "a%u", i);
        assert_string_equal(s3_profiles_find(profiles, profile, "s3.addressing_style"), name);
    }
    assert_false(s3_profiles_has(profiles, "p20000"));
    buffer_release(&text);
    s3_profiles_free(profiles);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_s3_profiles_find_reads_as_botocore_does),
        cmocka_unit_test(test_s3_profiles_get_looks_into_one_file),
        cmocka_unit_test(test_s3_profiles_has_knows_profiles_without_settings),
        cmocka_unit_test(test_s3_profiles_find_in_reads_other_sections),
        cmocka_unit_test(test_s3_profiles_read_refuses_lines_without_sense),
        cmocka_unit_test(test_s3_profiles_read_prefers_profile_default),
        cmocka_unit_test(test_s3_profiles_load_follows_the_environment),
        cmocka_unit_test(test_s3_profiles_finds_each_of_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
