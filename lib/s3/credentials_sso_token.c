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

/* What was cached; all owned. */
struct cached_token {
    char *path;
    char *text;
    char *token;
    int64_t end_ms;
};

/* Puts a new token in place of the one that was cached. */
static bool replace(const struct credentials_place *place, const struct sso_login *login,
                    struct cached_token *cached, json_t *document, struct error *err)
{
    if (!renew(place, login, document, err))
        return false;
    write_cache(cached->path, document);
    memory_free_secret(cached->token);
    cached->token = memory_copy_text(text_of(document, "accessToken"));
    return true;
}

/* Before its end a token that cannot be renewed will do. */
static bool renew_if_due(const struct credentials_place *place, const struct sso_login *login,
                         struct cached_token *cached, struct error *err)
{
    bool has_ended = cached->end_ms <= clock_wall_ms();
    struct error failure = { .kind = ERROR_NONE };
    json_t *document;
    bool ok = false;
    char *why;

    if (cached->end_ms - clock_wall_ms() > RENEW_BEFORE_MS)
        return true;
    document = json_loads(cached->text, 0, NULL);
    if (login->session && can_renew(document))
        ok = replace(place, login, cached, document, &failure);
    json_decref(document);
    if (failure.kind == ERROR_CANCELLED) {
        *err = failure;
        return false;
    }
    if (ok || !has_ended)
        return true;
    why = memory_format("the cached SSO token has ended%s%s",
                        failure.text[0] ? ", and was not renewed: " : "", failure.text);
    credentials_sso_log_in_again(login, why, err);
    free(why);
    return false;
}

static bool read_cache(const struct sso_login *login, struct cached_token *cached,
                       struct error *err)
{
    cached->text = cached->path ? credentials_read_file(cached->path, err) : NULL;
    if (!cached->text)
        return credentials_sso_log_in_again(login, "there is no cached SSO token", err);
    return credentials_json_sso_token(cached->text, strlen(cached->text), &cached->token,
                                      &cached->end_ms, err);
}

char *credentials_sso_token(const struct credentials_place *place, const struct sso_login *login,
                            struct error *err)
{
    struct cached_token cached = { .path = cache_path(place, login) };

    if (!read_cache(login, &cached, err) || !renew_if_due(place, login, &cached, err)) {
        memory_free_secret(cached.token);
        cached.token = NULL;
    }
    memory_free_secret(cached.text);
    free(cached.path);
    return cached.token;
}
