/* SPDX-License-Identifier: MIT */

/*
 * Keys of a profile: written into it, or got in one of the ways it describes, by way of other
 * profiles too. Which way wins where it describes several is botocore's order.
 */

#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "s3/credentials_process.h"
#include "s3/credentials_source.h"
#include "s3/credentials_sso.h"
#include "s3/credentials_sts.h"

enum { CHAIN_MAX = 16 };

/* From profile to source_profile. */
struct chain {
    const struct credentials_place *place;
    const char *profiles[CHAIN_MAX];
    size_t count;
};

static bool refuse(struct error *err, const char *profile, const char *problem)
{
    return error_set(err, ERROR_AUTH, "S3.NoCredentials", "profile %s %s", profile, problem);
}

static const char *find(const struct chain *chain, const char *profile, const char *name)
{
    return s3_profiles_find(chain->place->profiles, profile, name);
}

static bool has_keys(const struct chain *chain, const char *profile)
{
    return find(chain, profile, "aws_access_key_id") != NULL;
}

/* A key set comes from one file as a whole: an id of one and a secret of the other don't match. */
static bool take_keys(const struct chain *chain, const char *profile, enum s3_profiles_file file,
                      struct key_set *keys, struct error *err)
{
    const struct s3_profiles *profiles = chain->place->profiles;
    const char *id = s3_profiles_get(profiles, file, profile, "aws_access_key_id");
    const char *secret = s3_profiles_get(profiles, file, profile, "aws_secret_access_key");
    const char *token = s3_profiles_get(profiles, file, profile, "aws_security_token"); /* old */

    if (!id)
        return true;
    if (!secret)
        return error_set(err, ERROR_AUTH, "S3.NoCredentials",
                         "profile %s in %s has aws_access_key_id but no aws_secret_access_key",
                         profile, s3_profiles_path(profiles, file));
    keys->id = memory_copy_text(id);
    keys->secret = memory_copy_text(secret);
    keys->token = memory_copy_text(
        token ? token : s3_profiles_get(profiles, file, profile, "aws_session_token"));
    return true;
}

static struct credentials_role role_of(const struct chain *chain, const char *profile)
{
    return (struct credentials_role){
        .arn = find(chain, profile, "role_arn"),
        .session_name = find(chain, profile, "role_session_name"),
        .external_id = find(chain, profile, "external_id"),
        .duration_s = find(chain, profile, "duration_seconds"),
    };
}

static bool use_web_identity(const struct chain *chain, const char *profile, struct key_set *keys,
                             struct error *err)
{
    struct credentials_role role = role_of(chain, profile);

    if (!role.arn)
        return refuse(err, profile, "has web_identity_token_file but no role_arn");
    return credentials_assume_with_web_identity(
        chain->place, &role, find(chain, profile, "web_identity_token_file"), keys, err);
}

/* What a profile has without a role to assume. Leaves *keys empty when that is nothing. */
static bool use_own(const struct chain *chain, const char *profile, struct key_set *keys,
                    struct error *err)
{
    const char *process = find(chain, profile, "credential_process");

    if (find(chain, profile, "web_identity_token_file"))
        return use_web_identity(chain, profile, keys, err);
    if (credentials_sso_is_in(chain->place, profile))
        return credentials_sso_fetch(chain->place, profile, keys, err);
    if (!take_keys(chain, profile, S3_PROFILES_CREDENTIALS, keys, err))
        return false;
    if (!keys->id && process)
        return credentials_process_fetch(chain->place, process, keys, err);
    return keys->id || take_keys(chain, profile, S3_PROFILES_CONFIG, keys, err);
}

static bool use_named_source(const struct chain *chain, const char *profile, const char *name,
                             struct key_set *keys, struct error *err)
{
    static const struct {
        const char *name;
        const struct credentials_source *source;
    } sources[] = {
        { "Environment", &credentials_environment },
        { "EcsContainer", &credentials_container },
        { "Ec2InstanceMetadata", &credentials_metadata },
    };
    struct credentials_place place = *chain->place;

    place.profile_chosen = false; /* this profile asks for the environment itself */
    for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
        if (strcasecmp(name, sources[i].name) != 0)
            continue;
        if (!sources[i].source->fetch(&place, keys, err))
            return false;
        return keys->id || error_set(err, ERROR_AUTH, "S3.NoCredentials",
                                     "profile %s takes the keys for its role from %s "
                                     "(credential_source), which has none",
                                     profile, sources[i].source->name);
    }
    return error_set(err, ERROR_AUTH, "S3.NoCredentials",
                     "credential_source %s of profile %s is none of Environment, EcsContainer and "
                     "Ec2InstanceMetadata",
                     name, profile);
}

static bool check_role(const struct chain *chain, const char *profile, struct error *err)
{
    bool has_profile = find(chain, profile, "source_profile") != NULL;
    bool has_source = find(chain, profile, "credential_source") != NULL;

    if (has_profile && has_source)
        return refuse(err, profile, "has both source_profile and credential_source");
    if (!has_profile && !has_source)
        return refuse(err, profile,
                      "has role_arn but neither source_profile nor credential_source nor "
                      "web_identity_token_file");
    if (find(chain, profile, "mfa_serial"))
        return refuse(err, profile,
                      "wants a code of an MFA device, which avmap cannot ask for; give it keys by "
                      "aws configure export-credentials, or as credential_process");
    return true;
}

static bool use_profile(struct chain *chain, const char *profile, struct key_set *keys,
                        struct error *err);

static bool use_source_profile(struct chain *chain, const char *profile, const char *source,
                               struct key_set *keys, struct error *err)
{
    bool ok;

    if (!s3_profiles_has(chain->place->profiles, source))
        return error_set(err, ERROR_AUTH, "S3.NoCredentials",
                         "source_profile %s of profile %s does not exist", source, profile);
    if (strcmp(source, profile) == 0)
        ok = use_own(chain, profile, keys, err); /* the keys for the role stand beside it */
    else
        ok = use_profile(chain, source, keys, err);
    if (!ok || keys->id)
        return ok;
    return error_set(err, ERROR_AUTH, "S3.NoCredentials",
                     "source_profile %s of profile %s has no keys", source, profile);
}

static bool assume(struct chain *chain, const char *profile, struct key_set *keys,
                   struct error *err)
{
    const char *source_profile = find(chain, profile, "source_profile");
    struct credentials_role role = role_of(chain, profile);
    struct key_set with = { 0 };
    bool ok;

    if (!check_role(chain, profile, err))
        return false;
    ok = source_profile ? use_source_profile(chain, profile, source_profile, &with, err)
                        : use_named_source(chain, profile,
                                           find(chain, profile, "credential_source"), &with, err);
    ok = ok && credentials_assume_role(chain->place, &role, &with, keys, err);
    credentials_wipe(&with);
    return ok;
}

/* NOLINTNEXTLINE(misc-no-recursion): as long as the chain, which is limited. */
static bool use_profile(struct chain *chain, const char *profile, struct key_set *keys,
                        struct error *err)
{
    bool is_first = chain->count == 0;

    for (size_t i = 0; i < chain->count; i++) {
        if (strcmp(chain->profiles[i], profile) == 0)
            return refuse(err, profile, "is its own source by way of source_profile");
    }
    if (chain->count == CHAIN_MAX)
        return refuse(err, profile, "is at the end of too many source_profile");
    chain->profiles[chain->count++] = profile;
    if (find(chain, profile, "role_arn") && !find(chain, profile, "web_identity_token_file") &&
        (is_first || !has_keys(chain, profile)))
        return assume(chain, profile, keys, err);
    return use_own(chain, profile, keys, err);
}

static bool fetch(const struct credentials_place *place, struct key_set *keys, struct error *err)
{
    struct chain chain = { .place = place };

    return use_profile(&chain, place->profile, keys, err);
}

const struct credentials_source credentials_profile = { "the profile", fetch };
