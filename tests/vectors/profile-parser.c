/* SPDX-License-Identifier: MIT */

/*
 * The profile parser's suite of AWS's clients: JSON files with "tests", each the text of the two
 * shared files, and either the profiles that are in them or an error. Usage: profile-parser DIR
 */

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cases.h"
#include "s3/profile_settings.h"
#include "s3/s3_profiles.h"

/* What is nested, "s3.name", is also in the text of the setting above it. */
static bool is_nested(const json_t *profile, const char *name)
{
    char *above = memory_copy_bytes(name, strcspn(name, "."));
    bool is = above[0] && name[strlen(above)] && json_object_get(profile, above);

    free(above);
    return is;
}

/* The credentials file wins over the config file. */
static void add_entries(const struct s3_profiles *profiles, enum s3_profiles_file file,
                        json_t *found)
{
    const struct profile_settings *settings = s3_profiles_settings(profiles);

    for (size_t i = 0; i < settings->count; i++) {
        const struct profile_setting *setting = settings->list[i];
        json_t *profile;

        if (setting->file != file || strncmp(setting->section, "profile ", 8) != 0)
            continue;
        profile = json_object_get(found, setting->section + 8);
        if (!profile) {
            profile = json_object();
            json_object_set_new(found, setting->section + 8, profile);
        }
        if (setting->name[0] && !is_nested(profile, setting->name))
            json_object_set_new(profile, setting->name, json_string(setting->value));
    }
}

static void check_profiles(struct cases *cases, const char *name,
                           const struct s3_profiles *profiles, const json_t *expected)
{
    json_t *found = json_object();
    char *got;
    char *wanted;

    add_entries(profiles, S3_PROFILES_CONFIG, found);
    add_entries(profiles, S3_PROFILES_CREDENTIALS, found);
    got = json_dumps(found, JSON_SORT_KEYS);
    wanted = json_dumps(expected, JSON_SORT_KEYS);
    if (cases_equal(cases, name, "what was found", got, wanted))
        cases_passed(cases, name);
    free(got);
    free(wanted);
    json_decref(found);
}

static bool read_input(struct s3_profiles *profiles, const json_t *input, struct error *err)
{
    return s3_profiles_read(profiles, S3_PROFILES_CONFIG, cases_text(input, "configFile"), err) &&
           s3_profiles_read(profiles, S3_PROFILES_CREDENTIALS, cases_text(input, "credentialsFile"),
                            err);
}

static void run_case(struct cases *cases, const json_t *test)
{
    const json_t *output = json_object_get(test, "output");
    const char *problem = cases_text(output, "errorContaining");
    const char *name = cases_text(test, "name");
    struct s3_profiles *profiles = s3_profiles_new();
    struct error err;
    bool ok = read_input(profiles, json_object_get(test, "input"), &err);

    if (!ok && !*problem)
        cases_failed(cases, name, "an error: %s", err.text);
    else if (!ok && !strstr(err.text, problem))
        cases_failed(cases, name, "another error: %s, not: %s", err.text, problem);
    else if (ok && *problem)
        cases_failed(cases, name, "no error, and there should be: %s", problem);
    else if (ok)
        check_profiles(cases, name, profiles,
                       json_object_get(json_object_get(output, "config"), "profiles"));
    else
        cases_passed(cases, name);
    s3_profiles_free(profiles);
}

static void visit(struct cases *cases, const char *path)
{
    cases_each(cases, path, "tests", run_case);
}

int main(int argc, char **argv)
{
    return cases_run("profile-parser", argc, argv, visit);
}
