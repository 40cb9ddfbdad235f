/* SPDX-License-Identifier: MIT */

/* Keys of the role of an EC2 instance (IMDSv2). */

#include "s3/credentials_metadata.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/number.h"
#include "s3/credentials_json.h"
#include "s3/credentials_web.h"
#include "s3/setting.h"

enum { TIMEOUT_MS = 1000, ATTEMPTS = 4, MOST_ATTEMPTS = 20, LONGEST_TIMEOUT_S = 60 };

/* One conversation with the service. */
struct metadata {
    const struct credentials_place *place; /* borrowed */
    char *url;                             /* owned; without a path */
    char *token;                           /* owned; NULL: version 1 */
    bool is_silent;                        /* nobody has answered yet */
    bool token_refused;                    /* the first one was, and this is another */
};

static const char *find(const struct credentials_place *place, const char *variable,
                        const char *name)
{
    return setting_find(place->profiles, place->profile, variable, name);
}

static char *metadata_url(const struct credentials_place *place)
{
    const char *url =
        find(place, "AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint");
    const char *mode =
        find(place, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ec2_metadata_service_endpoint_mode");
    char *copy;

    if (!url)
        url = mode && strcasecmp(mode, "ipv6") == 0 ? "http://[fd00:ec2::254]"
                                                    : "http://169.254.169.254";
    copy = memory_copy_text(url);
    if (copy[strlen(copy) - 1] == '/')
        copy[strlen(copy) - 1] = '\0';
    return copy;
}

static uint64_t count_of(const char *variable, uint64_t most, uint64_t usual)
{
    const char *text = setting_variable(variable);
    uint64_t count;

    return text && number_parse_count(text, most, &count) && count > 0 ? count : usual;
}

static bool ask(const struct metadata *metadata, const char *method, const char *path,
                struct http_response *response, struct error *err)
{
    bool is_put = strcmp(method, "PUT") == 0;
    const struct http_header headers[] = {
        is_put ? (struct http_header){ "x-aws-ec2-metadata-token-ttl-seconds", "21600" }
               : (struct http_header){ "x-aws-ec2-metadata-token", metadata->token },
    };
    char *url = memory_format("%s%s", metadata->url, path);
    struct credentials_question question = {
        .whom = "the instance metadata service",
        .method = method,
        .url = url,
        .headers = headers,
        .header_count = is_put || metadata->token,
        .attempts =
            (unsigned)count_of("AWS_METADATA_SERVICE_NUM_ATTEMPTS", MOST_ATTEMPTS, ATTEMPTS),
        .timeout_ms = 1000 * (long)count_of("AWS_METADATA_SERVICE_TIMEOUT", LONGEST_TIMEOUT_S,
                                            TIMEOUT_MS / 1000),
        .is_link_local = true,
        .is_optional = !metadata->token,
    };
    bool ok = credentials_ask(metadata->place, &question, response, err);

    free(url);
    return ok;
}

static bool may_use_version_1(const struct credentials_place *place)
{
    return !setting_is_true(place->profiles, place->profile, "AWS_EC2_METADATA_V1_DISABLED",
                            "ec2_metadata_v1_disabled");
}

static bool ask_for_token(struct metadata *metadata, struct http_response *response,
                          struct error *err)
{
    bool ok = ask(metadata, "PUT", "/latest/api/token", response, err);

    if (ok && response->status == 200) {
        memory_free_secret(metadata->token);
        metadata->token = memory_copy_text(response->body.bytes);
    }
    return ok;
}

/* *there is false when no such service answers, or when it has no version that we may use. */
static bool begin(struct metadata *metadata, bool *there, struct error *err)
{
    const struct credentials_place *place = metadata->place;
    struct http_response response;
    bool ok;

    *there = false;
    if (setting_is_true(place->profiles, place->profile, "AWS_EC2_METADATA_DISABLED",
                        "ec2_metadata_disabled"))
        return true;
    metadata->url = metadata_url(place);
    ok = ask_for_token(metadata, &response, err);
    if (!ok) {
        ok = err->kind != ERROR_CANCELLED; /* this is no EC2 instance, or its service is ill */
        metadata->is_silent = true;
    } else {
        /* Where version 2 is not known or not allowed, as AWS's own clients do: version 1. */
        *there = metadata->token || may_use_version_1(place);
    }
    credentials_forget(&response);
    return ok;
}

static void end(struct metadata *metadata)
{
    memory_free_secret(metadata->token);
    free(metadata->url);
}

/* A token may have ended when the service has started anew. False: there is no other. */
static bool change_token(struct metadata *metadata)
{
    struct http_response response;
    struct error ignored;
    bool ok;

    if (!metadata->token || metadata->token_refused)
        return false;
    metadata->token_refused = true;
    ok = ask_for_token(metadata, &response, &ignored) && response.status == 200;
    credentials_forget(&response);
    return ok;
}

/* *text is given to the caller; NULL when there is no such thing. */
static bool get(struct metadata *metadata, const char *path, char **text, struct error *err)
{
    struct http_response response;
    bool ok = ask(metadata, "GET", path, &response, err);

    if (ok && response.status == 401 && change_token(metadata)) {
        credentials_forget(&response);
        ok = ask(metadata, "GET", path, &response, err);
    }
    *text = NULL;
    if (ok && response.status == 200)
        *text = memory_copy_text(response.body.bytes);
    else if (ok && response.status != 404)
        ok = error_set(err, ERROR_AUTH, "S3.NoCredentials",
                       "the instance metadata service answers with status %d", response.status);
    credentials_forget(&response);
    return ok;
}

static bool get_keys(struct metadata *metadata, struct key_set *keys, struct error *err)
{
    static const char folder[] = "/latest/meta-data/iam/security-credentials/";
    char *role = NULL;
    char *path = NULL;
    char *text = NULL;
    bool ok = get(metadata, folder, &role, err);

    /* Tokens do not reach a container behind a bridge, one hop too far, where version 1 does. */
    if (!ok && metadata->is_silent)
        return err->kind != ERROR_CANCELLED;
    if (ok && role && *role) {
        role[strcspn(role, "\r\n")] = '\0';
        path = memory_format("%s%s", folder, role);
        ok = get(metadata, path, &text, err) &&
             (!text || credentials_json_metadata(text, strlen(text), keys, err));
    }
    free(role);
    free(path);
    memory_free_secret(text);
    return ok;
}

static bool fetch(const struct credentials_place *place, struct key_set *keys, struct error *err)
{
    struct metadata metadata = { .place = place };
    bool there;
    bool ok = begin(&metadata, &there, err) && (!there || get_keys(&metadata, keys, err));

    if (ok && metadata.is_silent && may_use_version_1(place))
        ok = get_keys(&metadata, keys, err);
    if (!ok && err->kind != ERROR_CANCELLED) {
        err->kind = ERROR_AUTH;
        error_prefix(err, "keys of this instance's role");
    }
    end(&metadata);
    return ok;
}

char *credentials_metadata_region(const struct credentials_place *place)
{
    struct metadata metadata = { .place = place };
    char *region = NULL;
    struct error ignored;
    bool there;

    if (begin(&metadata, &there, &ignored) && there)
        (void)get(&metadata, "/latest/meta-data/placement/region", &region, &ignored);
    end(&metadata);
    return region;
}

const struct credentials_source credentials_metadata = { "instance metadata", fetch };
