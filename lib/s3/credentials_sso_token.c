/* SPDX-License-Identifier: MIT */

/* Reads, renews and writes the cached token. */

#include "s3/credentials_sso_token.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/replace_file.h"
#include "s3/credentials_json.h"
#include "s3/credentials_web.h"
#include "s3/service_url.h"

enum {
    RENEW_BEFORE_MS = 15 * 60 * 1000, /* as botocore */
    LONGEST_LIFE_S = 366 * 24 * 3600,
    ATTEMPTS = 2,
    TIMEOUT_MS = 10 * 1000,
};

/* Where AWS's command line keeps the token; NULL without a home folder. */
static char *cache_path(const struct credentials_place *place, const struct sso_login *login)
{
    const char *name = login->session ? login->session : login->start_url;
    const char *home = s3_profiles_home(place->profiles);
    uint8_t digest[SHA1_SIZE];
    char hex[2 * SHA1_SIZE + 1];

    if (!home)
        return NULL;
    digest_sha1(name, strlen(name), digest);
    return memory_format("%s/.aws/sso/cache/%s.json", home, digest_hex(digest, SHA1_SIZE, hex));
}

bool credentials_sso_log_in_again(const struct sso_login *login, const char *why, struct error *err)
{
    return error_set(err, ERROR_AUTH, "S3.NoCredentials", "%s; log in: aws sso login --profile %s",
                     why, login->profile);
}

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

/* The registration of the client that logged in must still count, too. */
static bool can_renew(const json_t *cached)
{
    const char *end = text_of(cached, "registrationExpiresAt");
    int64_t end_ms;

    return text_of(cached, "refreshToken") && text_of(cached, "clientId") &&
           text_of(cached, "clientSecret") && end && clock_parse_iso(end, &end_ms) &&
           end_ms > clock_wall_ms();
}

static char *write_question(const json_t *cached)
{
    json_t *question =
        json_pack("{s:O, s:O, s:s, s:O}", "clientId", json_object_get(cached, "clientId"),
                  "clientSecret", json_object_get(cached, "clientSecret"), "grantType",
                  "refresh_token", "refreshToken", json_object_get(cached, "refreshToken"));
    char *text = json_dumps(question, JSON_COMPACT);

    json_decref(question);
    return text;
}

/* Puts what came into the cached document; false: it is no token. */
static bool take_answer(json_t *cached, const char *text, size_t size)
{
    json_t *answer = json_loadb(text, size, 0, NULL);
    json_int_t seconds = json_integer_value(json_object_get(answer, "expiresIn"));
    const char *access = text_of(answer, "accessToken");
    const char *refresh = text_of(answer, "refreshToken");
    bool ok = access && seconds > 0 && seconds <= LONGEST_LIFE_S;
    char end[CLOCK_ISO_SIZE];

    if (ok) {
        clock_format_iso(clock_wall_ms() + seconds * 1000, end);
        memcpy(strchr(end, '.'), "Z", sizeof("Z")); /* as others write it, in whole seconds */
        json_object_set_new(cached, "accessToken", json_string(access));
        json_object_set_new(cached, "expiresAt", json_string(end));
        if (refresh)
            json_object_set_new(cached, "refreshToken", json_string(refresh));
    }
    json_decref(answer);
    return ok;
}

static void write_cache(const char *path, const json_t *cached)
{
    char *text = json_dumps(cached, JSON_COMPACT);
    struct error err;

    if (!replace_private_file(path, text, strlen(text), &err))
        log_warning("the renewed SSO token could not be kept for the next run: %s", err.text);
    memory_free_secret(text);
}

static bool renew(const struct credentials_place *place, const struct sso_login *login,
                  json_t *cached, struct error *err)
{
    const struct http_header headers[] = { { "content-type", "application/json" } };
    char *service = service_url(place, "sso_oidc", login->region);
    char *url = memory_format("%s/token", service);
    char *body = write_question(cached);
    struct credentials_question question = {
        .whom = "SSO",
        .method = "POST",
        .url = url,
        .headers = headers,
        .header_count = 1,
        .body = body,
        .attempts = ATTEMPTS,
        .timeout_ms = TIMEOUT_MS,
    };
    struct http_response response;
    bool ok = credentials_ask(place, &question, &response, err);

    if (ok &&
        (response.status != 200 || !take_answer(cached, response.body.bytes, response.body.size)))
        ok = error_set(err, ERROR_AUTH, "S3.NoCredentials", "SSO gives no new token (status %d)",
                       response.status);
    credentials_forget(&response);
    memory_free_secret(body);
    free(url);
    free(service);
    return ok;
}

/* Before its end a token that cannot be renewed will do. */
static bool renew_if_due(const struct credentials_place *place, const struct sso_login *login,
                         const char *path, int64_t end_ms, json_t *cached, struct error *err)
{
    bool has_ended = end_ms <= clock_wall_ms();
    struct error failure;
    char *why;

    if (end_ms - clock_wall_ms() > RENEW_BEFORE_MS)
        return true;
    if (!login->session || !can_renew(cached))
        return !has_ended ||
               credentials_sso_log_in_again(login, "the cached SSO token has ended", err);
    if (renew(place, login, cached, &failure)) {
        write_cache(path, cached);
        return true;
    }
    if (failure.kind == ERROR_CANCELLED) {
        *err = failure;
        return false;
    }
    if (!has_ended)
        return true;
    why = memory_format("the cached SSO token has ended, and was not renewed: %s", failure.text);
    credentials_sso_log_in_again(login, why, err);
    free(why);
    return false;
}

char *credentials_sso_token(const struct credentials_place *place, const struct sso_login *login,
                            struct error *err)
{
    char *path = cache_path(place, login);
    char *text = path ? credentials_read_file(path, err) : NULL;
    json_t *cached = text ? json_loads(text, 0, NULL) : NULL;
    int64_t end_ms = 0;
    char *token = NULL;

    if (!text) {
        credentials_sso_log_in_again(login, "there is no cached SSO token", err);
        goto out;
    }
    if (!credentials_json_sso_token(text, strlen(text), &token, &end_ms, err))
        goto out;
    memory_free_secret(token);
    token = NULL;
    if (renew_if_due(place, login, path, end_ms, cached, err))
        token = memory_copy_text(text_of(cached, "accessToken"));

out:
    json_decref(cached);
    memory_free_secret(text);
    free(path);
    return token;
}
