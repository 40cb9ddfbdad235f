/* SPDX-License-Identifier: MIT */

/* Keys from the container's own service: ECS, and EKS Pod Identity. */

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "s3/credentials_json.h"
#include "s3/credentials_web.h"
#include "s3/setting.h"

enum { ATTEMPTS = 3, TIMEOUT_MS = 2000 };

static const char relative_variable[] = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
static const char full_variable[] = "AWS_CONTAINER_CREDENTIALS_FULL_URI";

/* In clear text keys come from this machine, or from where ECS and EKS put their services. */
static bool is_trusted(const char *host, size_t length)
{
    static const char *const hosts[] = {
        "localhost", "[::1]", "169.254.170.2", "169.254.170.23", "[fd00:ec2::23]",
    };

    if (strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == length)
        return true;
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        if (strlen(hosts[i]) == length && strncasecmp(host, hosts[i], length) == 0)
            return true;
    }
    return false;
}

static bool check_url(const char *url, struct error *err)
{
    const char *host = url + strlen("http://");
    bool has_user; /* which may look like a host: http://127.0.0.1:80@elsewhere */
    size_t length;

    if (strncasecmp(url, "https://", 8) == 0)
        return true;
    if (strncasecmp(url, "http://", 7) != 0)
        return error_set(err, ERROR_AUTH, "S3.NoCredentials",
                         "%s begins with neither http:// nor https://", full_variable);
    length = strcspn(host, *host == '[' ? "]" : ":/?#@");
    length += host[length] == ']';
    has_user = memchr(host, '@', strcspn(host, "/?#")) != NULL;
    if (!has_user && strchr(":/?#", host[length]) && is_trusted(host, length))
        return true;
    return error_set(err, ERROR_AUTH, "S3.NoCredentials",
                     "%s names the host %.*s over http; only this machine, 169.254.170.2, "
                     "169.254.170.23 and [fd00:ec2::23] are trusted without https",
                     full_variable, (int)length, host);
}

/* *token is given to the caller, NULL when none is to be shown. The file is read again each time.
 */
static bool find_token(char **token, struct error *err)
{
    const char *path = setting_variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");

    if (!path) {
        *token = memory_copy_text(setting_variable("AWS_CONTAINER_AUTHORIZATION_TOKEN"));
        return true;
    }
    *token = credentials_read_file(path, err);
    return *token != NULL;
}

static bool ask(const struct credentials_place *place, const char *url, struct key_set *keys,
                struct error *err)
{
    struct http_header headers[2] = { { "accept", "application/json" } };
    struct credentials_question question = {
        .whom = "the container's credentials service",
        .method = "GET",
        .url = url,
        .headers = headers,
        .header_count = 1,
        .attempts = ATTEMPTS,
        .timeout_ms = TIMEOUT_MS,
        .hides_path = true,
        .is_link_local = strncasecmp(url, "http://", 7) == 0,
    };
    struct http_response response;
    char *token = NULL;
    bool ok;

    if (!find_token(&token, err))
        return false;
    if (token)
        headers[question.header_count++] = (struct http_header){ "authorization", token };
    ok = credentials_ask(place, &question, &response, err);
    if (ok && response.status != 200)
        ok = error_set(err, ERROR_AUTH, "S3.NoCredentials", "status %d", response.status);
    ok = ok && credentials_json_metadata(response.body.bytes, response.body.size, keys, err);
    credentials_forget(&response);
    memory_free_secret(token);
    return ok;
}

static bool fetch(const struct credentials_place *place, struct key_set *keys, struct error *err)
{
    const char *relative = setting_variable(relative_variable);
    const char *full = setting_variable(full_variable);
    char *url;
    bool ok;

    if (!relative && !full)
        return true;
    url = relative ? memory_format("http://169.254.170.2%s", relative) : memory_copy_text(full);
    ok = (relative || check_url(url, err)) && ask(place, url, keys, err);
    if (!ok && err->kind != ERROR_CANCELLED) {
        err->kind = ERROR_AUTH; /* it is configured, so it has to be there */
        error_prefix(err, "keys of the container (%s)",
                     relative ? relative_variable : full_variable);
    }
    memory_free_secret(url);
    return ok;
}

const struct credentials_source credentials_container = { "the container", fetch };
