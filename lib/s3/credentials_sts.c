/* SPDX-License-Identifier: MIT */

/* Asks STS for the keys of a role. */

#include "s3/credentials_sts.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/percent.h"
#include "s3/credentials_web.h"
#include "s3/endpoint.h"
#include "s3/s3_xml.h"
#include "s3/service_url.h"
#include "s3/sigv4.h"

enum {
    FORM_LIMIT = 128 * 1024,
    ATTEMPTS = 6, /* some 6 s; many machines may be asking */
    TIMEOUT_MS = 10 * 1000,
};

/* One call on its way; its form may hold a token. */
struct call {
    const struct credentials_place *place; /* borrowed */
    const char *action;
    char *url; /* owned, like all below */
    char *host;
    char *path;
    struct buffer form;
    struct buffer authorization;
    char date[CLOCK_BASIC_SIZE];
};

static void add(struct call *call, const char *name, const char *value)
{
    if (!value)
        return;
    buffer_append_format(&call->form, "&%s=", name);
    percent_encode(&call->form, value, PERCENT_KEEP_NAME);
}

static bool begin(struct call *call, const struct credentials_role *role, struct error *err)
{
    const char *region = call->place->region;
    char *made_up = memory_format("avmap-%lld", (long long)clock_wall_ms());

    buffer_init(&call->form, FORM_LIMIT);
    buffer_init(&call->authorization, FORM_LIMIT);
    call->url = service_url(call->place, "sts", region ? region : "us-east-1");
    buffer_append_format(&call->form, "Action=%s&Version=2011-06-15", call->action);
    add(call, "RoleArn", role->arn);
    add(call, "RoleSessionName", role->session_name ? role->session_name : made_up);
    add(call, "DurationSeconds", role->duration_s);
    free(made_up);
    return service_url_split(call->url, &call->host, &call->path) ||
           error_set(err, ERROR_USAGE, "Avmap.Usage",
                     "the endpoint of STS, %s, is not of the form http(s)://host[:port][/path]",
                     call->url);
}

static void end(struct call *call)
{
    if (call->form.capacity)
        explicit_bzero(call->form.bytes, call->form.capacity);
    buffer_release(&call->form);
    buffer_release(&call->authorization);
    free(call->url);
    free(call->host);
    free(call->path);
}

static void sign(struct call *call, const struct key_set *with, const struct http_header *headers,
                 size_t count)
{
    const char *region = call->place->region;
    uint8_t digest[SHA256_SIZE];
    char hash[SHA256_HEX_SIZE];
    struct sigv4_key key = { .made_for = "" };
    const struct sigv4_request request = {
        .method = "POST",
        .path = call->path,
        .query = "",
        .headers = headers,
        .header_count = count,
        .payload_hash = hash,
        .normalizes_path = true,
    };
    const struct sigv4_scope scope = {
        .key_id = with->id,
        .date = call->date,
        .region = endpoint_signing_region(region ? region : "us-east-1"),
        .service = "sts",
    };

    digest_sha256(call->form.bytes, call->form.size, digest);
    digest_hex(digest, sizeof(digest), hash);
    sigv4_derive_key(&key, with->secret, &scope);
    sigv4_authorization(&request, &scope, &key, &call->authorization);
    explicit_bzero(&key, sizeof(key));
}

static bool refuse(const struct http_response *response, struct error *err)
{
    struct s3_xml_error error;

    s3_xml_read_sts_error(response->body.bytes, response->body.size, &error);
    return error_set(err, ERROR_AUTH, "S3.NoCredentials", "status %d%s%s%s%s", response->status,
                     error.code[0] ? " " : "", error.code, error.message[0] ? ": " : "",
                     error.message);
}

static bool read_answer(const struct http_response *response, struct key_set *keys,
                        struct error *err)
{
    struct s3_xml_role_keys found = { 0 };

    if (response->status != 200)
        return refuse(response, err);
    if (!s3_xml_read_role_keys(response->body.bytes, response->body.size, &found))
        return error_set(err, ERROR_AUTH, "S3.NoCredentials",
                         "the answer is not one of STS with keys in it");
    keys->id = found.id;
    keys->secret = found.secret;
    keys->token = found.token;
    keys->expires_ms = found.expires_ms;
    return true;
}

/* with is NULL for calls that are not signed, offset_ms what is wrong with our clock. */
static bool ask(struct call *call, const struct key_set *with, int64_t offset_ms,
                struct http_response *response, struct error *err)
{
    struct http_header headers[5] = {
        { "content-type", "application/x-www-form-urlencoded" },
        { "host", call->host },
    };
    struct credentials_question question = {
        .whom = "STS",
        .method = "POST",
        .url = call->url,
        .headers = headers,
        .header_count = 2,
        .body = call->form.bytes,
        .attempts = ATTEMPTS,
        .timeout_ms = TIMEOUT_MS,
    };

    if (with) {
        buffer_clear(&call->authorization);
        clock_format_basic(clock_wall_ms() + offset_ms, call->date);
        headers[question.header_count++] = (struct http_header){ "x-amz-date", call->date };
        if (with->token)
            headers[question.header_count++] =
                (struct http_header){ "x-amz-security-token", with->token };
        sign(call, with, headers, question.header_count);
        headers[question.header_count++] =
            (struct http_header){ "authorization", call->authorization.bytes };
    }
    return credentials_ask(call->place, &question, response, err);
}

static bool send(struct call *call, const struct key_set *with, struct key_set *keys,
                 struct error *err)
{
    struct server_clock own = { 0 };
    struct server_clock *clock = call->place->clock ? call->place->clock : &own;
    int64_t offset_ms = atomic_load(&clock->offset_ms);
    struct http_response response;
    bool ok = ask(call, with, offset_ms, &response, err);

    if (ok && with && response.status != 200 && server_clock_set(clock, offset_ms, response.date)) {
        credentials_forget(&response);
        ok = ask(call, with, atomic_load(&clock->offset_ms), &response, err);
    }
    ok = ok && read_answer(&response, keys, err);
    credentials_forget(&response);
    return ok;
}

static bool finish(struct call *call, const struct credentials_role *role, bool ok,
                   struct error *err)
{
    if (!ok && err->kind != ERROR_CANCELLED && err->kind != ERROR_USAGE)
        err->kind = ERROR_AUTH;
    if (!ok)
        error_prefix(err, "%s %s", call->action, role->arn);
    end(call);
    return ok;
}

bool credentials_assume_role(const struct credentials_place *place,
                             const struct credentials_role *role, const struct key_set *with,
                             struct key_set *keys, struct error *err)
{
    struct call call = { .place = place, .action = "AssumeRole" };
    bool ok = begin(&call, role, err);

    if (ok) {
        add(&call, "ExternalId", role->external_id); /* which web identity does not know */
        ok = send(&call, with, keys, err);
    }
    return finish(&call, role, ok, err);
}

bool credentials_assume_with_web_identity(const struct credentials_place *place,
                                          const struct credentials_role *role,
                                          const char *token_file, struct key_set *keys,
                                          struct error *err)
{
    struct call call = { .place = place, .action = "AssumeRoleWithWebIdentity" };
    char *token = NULL;
    bool ok = begin(&call, role, err);

    if (ok) {
        token = credentials_read_file(token_file, err);
        ok = token != NULL;
    }
    if (ok) {
        add(&call, "WebIdentityToken", token);
        ok = send(&call, NULL, keys, err);
    }
    memory_free_secret(token);
    return finish(&call, role, ok, err);
}
