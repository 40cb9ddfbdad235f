/* SPDX-License-Identifier: MIT */

/* Reads keys from JSON. */

#include "s3/credentials_json.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <jansson.h>

#include "base/clock.h"
#include "base/memory.h"

static bool refuse(struct error *err, const char *what)
{
    return error_set(err, ERROR_AUTH, "S3.NoCredentials", "%s", what);
}

/* Not all who write such documents agree on capitals. */
static const char *find_text(const json_t *object, const char *name)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)object, key, value)
    {
        if (strcasecmp(key, name) == 0 && json_is_string(value) && *json_string_value(value))
            return json_string_value(value);
    }
    return NULL;
}

static json_t *read_object(const char *text, size_t size, struct error *err)
{
    json_t *document = json_loadb(text, size, 0, NULL);

    if (json_is_object(document))
        return document;
    json_decref(document);
    refuse(err, "what came is not a JSON object");
    return NULL;
}

/* As in ISO 8601, or as older clients wrote the ends of tokens: with UTC for the Z. */
static bool read_time(const char *text, int64_t *wall_ms)
{
    size_t length = strlen(text);
    char *plain;
    bool ok;

    if (length < 3 || strcmp(text + length - 3, "UTC") != 0)
        return clock_parse_iso(text, wall_ms);
    plain = memory_format("%.*sZ", (int)length - 3, text);
    ok = clock_parse_iso(plain, wall_ms);
    memory_free_secret(plain);
    return ok;
}

static bool read_keys(const json_t *object, const char *token_name, struct key_set *keys,
                      struct error *err)
{
    const char *id = find_text(object, "AccessKeyId");
    const char *secret = find_text(object, "SecretAccessKey");
    const char *expiration = find_text(object, "Expiration");
    int64_t expires_ms = 0;

    if (!id || !secret)
        return refuse(err, "what came has no AccessKeyId and SecretAccessKey");
    if (expiration && !read_time(expiration, &expires_ms))
        return refuse(err, "the Expiration that came is not a date");
    keys->id = memory_copy_text(id);
    keys->secret = memory_copy_text(secret);
    keys->token = memory_copy_text(find_text(object, token_name));
    keys->expires_ms = expires_ms;
    return true;
}

bool credentials_json_metadata(const char *text, size_t size, struct key_set *keys,
                               struct error *err)
{
    json_t *document = read_object(text, size, err);
    const char *code;
    bool ok;

    if (!document)
        return false;
    code = find_text(document, "Code");
    if (code && strcmp(code, "Success") != 0)
        ok = error_set(err, ERROR_AUTH, "S3.NoCredentials", "the answer is %.100s", code);
    else
        ok = read_keys(document, "Token", keys, err);
    json_decref(document);
    return ok;
}

bool credentials_json_process(const char *text, size_t size, struct key_set *keys,
                              struct error *err)
{
    json_t *document = read_object(text, size, err);
    bool ok;

    if (!document)
        return false;
    if (json_integer_value(json_object_get(document, "Version")) != 1)
        ok = refuse(err, "its output does not say \"Version\": 1");
    else
        ok = read_keys(document, "SessionToken", keys, err);
    json_decref(document);
    return ok;
}

bool credentials_json_sso(const char *text, size_t size, struct key_set *keys, struct error *err)
{
    json_t *document = read_object(text, size, err);
    const json_t *role = json_object_get(document, "roleCredentials");
    bool ok;

    if (!document)
        return false;
    ok = json_is_object(role) ? read_keys(role, "SessionToken", keys, err)
                              : refuse(err, "what came has no roleCredentials");
    if (ok)
        keys->expires_ms = json_integer_value(json_object_get(role, "expiration"));
    json_decref(document);
    return ok;
}

void credentials_json_error(const char *text, size_t size, char *code, size_t code_size)
{
    json_t *document = json_loadb(text, size, 0, NULL);
    const char *name = find_text(document, "__type");
    const char *mark;

    if (!name)
        name = find_text(document, "code");
    mark = name ? strchr(name, '#') : NULL; /* the end of a name space */
    snprintf(code, code_size, "%s", mark ? mark + 1 : name ? name : "");
    json_decref(document);
}

bool credentials_json_sso_token(const char *text, size_t size, char **token, int64_t *expires_ms,
                                struct error *err)
{
    json_t *document = read_object(text, size, err);
    const char *value;
    const char *end;
    bool ok;

    if (!document)
        return false;
    value = find_text(document, "accessToken");
    end = find_text(document, "expiresAt");
    ok = (value && end && read_time(end, expires_ms)) ||
         refuse(err, "the cached token has no accessToken and expiresAt");
    if (ok)
        *token = memory_copy_text(value);
    json_decref(document);
    return ok;
}
