/* SPDX-License-Identifier: MIT */

/* Asks IAM Identity Center for the keys of a role. */

#include "s3/credentials_sso.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/percent.h"
#include "s3/credentials_json.h"
#include "s3/credentials_sso_token.h"
#include "s3/credentials_web.h"
#include "s3/service_url.h"

enum { URL_LIMIT = 16 * 1024, ATTEMPTS = 4, TIMEOUT_MS = 10 * 1000 };

/* All borrowed from the profiles. */
struct sso {
    const char *profile;
    const char *session;
    const char *start_url;
    const char *region;
    const char *account;
    const char *role;
    const char *disputed; /* what the profile says otherwise than its session; NULL: nothing */
};

/* What the session says of a setting that the profile may only repeat. */
static void read_session(const struct credentials_place *place, struct sso *sso, const char *name,
                         const char **value)
{
    const char *own = *value;

    *value = s3_profiles_find_in(place->profiles, "sso-session", sso->session, name);
    if (own && *value && strcmp(own, *value) != 0)
        sso->disputed = name;
}

static struct sso read_profile(const struct credentials_place *place, const char *profile)
{
    const struct s3_profiles *profiles = place->profiles;
    struct sso sso = {
        .profile = profile,
        .session = s3_profiles_find(profiles, profile, "sso_session"),
        .start_url = s3_profiles_find(profiles, profile, "sso_start_url"),
        .region = s3_profiles_find(profiles, profile, "sso_region"),
        .account = s3_profiles_find(profiles, profile, "sso_account_id"),
        .role = s3_profiles_find(profiles, profile, "sso_role_name"),
    };

    if (sso.session) {
        read_session(place, &sso, "sso_start_url", &sso.start_url);
        read_session(place, &sso, "sso_region", &sso.region);
    }
    return sso;
}

bool credentials_sso_is_in(const struct credentials_place *place, const char *profile)
{
    struct sso sso = read_profile(place, profile);

    return sso.session || sso.start_url || sso.account || sso.role;
}

static bool check(const struct sso *sso, struct error *err)
{
    const char *missing = NULL;

    if (!sso->account)
        missing = "sso_account_id";
    else if (!sso->role)
        missing = "sso_role_name";
    else if (!sso->start_url)
        missing = "sso_start_url";
    else if (!sso->region)
        missing = "sso_region";
    if (sso->disputed)
        return error_set(err, ERROR_AUTH, "S3.NoCredentials",
                         "%s of profile %s is not that of its sso-session %s: take one away",
                         sso->disputed, sso->profile, sso->session);
    return !missing ||
           error_set(err, ERROR_AUTH, "S3.NoCredentials",
                     "profile %s is set up for SSO but %s is missing%s%s", sso->profile, missing,
                     sso->session ? "; its session is " : "", sso->session ? sso->session : "");
}

static struct sso_login login_of(const struct sso *sso)
{
    return (struct sso_login){ sso->profile, sso->session, sso->start_url, sso->region };
}

static bool ask(const struct credentials_place *place, const struct sso *sso, const char *token,
                struct key_set *keys, struct error *err)
{
    const struct http_header headers[] = { { "x-amz-sso_bearer_token", token } };
    struct credentials_question question = {
        .whom = "SSO",
        .method = "GET",
        .headers = headers,
        .header_count = 1,
        .attempts = ATTEMPTS,
        .timeout_ms = TIMEOUT_MS,
    };
    struct sso_login login = login_of(sso);
    char *service = service_url(place, "sso", sso->region);
    struct http_response response;
    struct buffer url;
    bool ok;

    buffer_init(&url, URL_LIMIT);
    buffer_append_format(&url, "%s/federation/credentials?account_id=", service);
    percent_encode(&url, sso->account, PERCENT_KEEP_NAME);
    buffer_append_text(&url, "&role_name=");
    percent_encode(&url, sso->role, PERCENT_KEEP_NAME);
    question.url = url.bytes;
    ok = credentials_ask(place, &question, &response, err);
    if (ok && response.status == 401)
        ok = credentials_sso_log_in_again(&login, "the cached SSO token is not accepted", err);
    else if (ok && response.status != 200)
        ok = error_set(err, ERROR_AUTH, "S3.NoCredentials", "SSO answers with status %d",
                       response.status);
    ok = ok && credentials_json_sso(response.body.bytes, response.body.size, keys, err);
    credentials_forget(&response);
    buffer_release(&url);
    free(service);
    return ok;
}

bool credentials_sso_fetch(const struct credentials_place *place, const char *profile,
                           struct key_set *keys, struct error *err)
{
    struct sso sso = read_profile(place, profile);
    struct sso_login login = login_of(&sso);
    char *token = NULL;
    bool ok = check(&sso, err) && (token = credentials_sso_token(place, &login, err)) &&
              ask(place, &sso, token, keys, err);

    memory_free_secret(token);
    if (!ok && err->kind != ERROR_CANCELLED)
        err->kind = ERROR_AUTH;
    return ok;
}
