/* SPDX-License-Identifier: MIT */

/* Addresses and signs requests. */

#include "s3/s3_signer.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "s3/access_point.h"
#include "s3/s3_service_parts.h"
#include "s3/sigv4.h"

enum { TEXT_LIMIT = 64 * 1024 }; /* a URL or a header value */

struct s3_signer {
    struct s3_service *service; /* borrowed */
    struct key_set keys;        /* owned; our copy of the service's */
    struct sigv4_key key;
    unsigned key_version; /* of the keys that key was derived from */

    /* Of the last request. */
    struct buffer host;
    struct buffer path;
    struct buffer url;
    struct buffer authorization;
    char region[S3_REGION_SIZE];
    char date[CLOCK_BASIC_SIZE];
    struct http_header headers[SIGV4_HEADERS_MAX];
    size_t header_count;
};

struct s3_signer *s3_signer_new(struct s3_service *service)
{
    struct s3_signer *signer = memory_new(1, sizeof(*signer));

    signer->service = service;
    buffer_init(&signer->host, TEXT_LIMIT);
    buffer_init(&signer->path, TEXT_LIMIT);
    buffer_init(&signer->url, TEXT_LIMIT);
    buffer_init(&signer->authorization, TEXT_LIMIT);
    return signer;
}

void s3_signer_free(struct s3_signer *signer)
{
    if (!signer)
        return;
    credentials_wipe(&signer->keys);
    explicit_bzero(&signer->key, sizeof(signer->key));
    buffer_release(&signer->host);
    buffer_release(&signer->path);
    buffer_release(&signer->url);
    buffer_release(&signer->authorization);
    free(signer);
}

bool s3_signer_hash(const struct s3_signer *signer, const struct http_body *body,
                    char hash[SHA256_HEX_SIZE])
{
    bool is_signed = signer->service->credentials && !signer->service->endpoint.tls;

    /* TLS protects the body already; over plain HTTP only its hash does. */
    if (body->size > 0 && is_signed)
        return false;
    snprintf(hash, SHA256_HEX_SIZE, "%s",
             body->size ? SIGV4_UNSIGNED_PAYLOAD : SIGV4_EMPTY_PAYLOAD);
    return true;
}

static void add_header(struct s3_signer *signer, const char *name, const char *value)
{
    assert(signer->header_count < SIGV4_HEADERS_MAX);
    signer->headers[signer->header_count++] = (struct http_header){ name, value };
}

/* The region that the request is for, and so its signature. */
static bool find_region(struct s3_signer *signer, const char *bucket, struct error *err)
{
    struct access_point point;

    memcpy(signer->region, signer->service->region, S3_REGION_SIZE);
    if (!bucket)
        return true;
    s3_regions_look_up(&signer->service->regions, bucket, signer->region);
    if (!endpoint_check_bucket(&signer->service->endpoint, signer->region, bucket, err))
        return false;
    if (access_point_is_arn(bucket) && access_point_parse(bucket, &point, err))
        snprintf(signer->region, sizeof(signer->region), "%s", point.region);
    return true;
}

static bool address(struct s3_signer *signer, const struct s3_request *request, struct error *err)
{
    const struct endpoint *endpoint = &signer->service->endpoint;

    if (!find_region(signer, request->bucket, err))
        return false;
    buffer_clear(&signer->host);
    buffer_clear(&signer->path);
    buffer_clear(&signer->url);
    endpoint_locate(endpoint, signer->region, request->bucket, request->key, &signer->host,
                    &signer->path);
    buffer_append_format(&signer->url, "%s://%s%s%s%s", endpoint->tls ? "https" : "http",
                         signer->host.bytes, signer->path.bytes, request->query ? "?" : "",
                         request->query ? request->query : "");
    return true;
}

static bool update_keys(struct s3_signer *signer, const struct cancel *cancel, struct error *err)
{
    if (!credentials_update(signer->service->credentials, cancel, &signer->keys, err))
        return false;
    if (signer->key_version != signer->keys.version)
        explicit_bzero(&signer->key, sizeof(signer->key));
    signer->key_version = signer->keys.version;
    return true;
}

static void add_authorization(struct s3_signer *signer, const struct s3_request *request,
                              const char *hash)
{
    const struct sigv4_request signed_request = {
        .method = request->method,
        .path = signer->path.bytes,
        .query = request->query ? request->query : "",
        .headers = signer->headers,
        .header_count = signer->header_count,
        .payload_hash = hash,
    };
    const struct sigv4_scope scope = {
        .key_id = signer->keys.id,
        .date = signer->date,
        .region = endpoint_signing_region(signer->region),
        .service = "s3",
    };

    sigv4_derive_key(&signer->key, signer->keys.secret, &scope);
    buffer_clear(&signer->authorization);
    sigv4_authorization(&signed_request, &scope, &signer->key, &signer->authorization);
    add_header(signer, "authorization", signer->authorization.bytes);
}

bool s3_signer_sign(struct s3_signer *signer, const struct s3_request *request, const char *hash,
                    struct http_request *out, struct error *err)
{
    struct s3_service *service = signer->service;

    if (!address(signer, request, err))
        return false;
    signer->header_count = 0;
    add_header(signer, "host", signer->host.bytes);
    for (size_t i = 0; i < request->header_count; i++)
        add_header(signer, request->headers[i].name, request->headers[i].value);
    if (service->credentials) {
        if (!update_keys(signer, out->cancel, err))
            return false;
        clock_format_basic(clock_wall_ms() + atomic_load(&service->clock.offset_ms), signer->date);
        add_header(signer, "x-amz-date", signer->date);
        add_header(signer, "x-amz-content-sha256", hash);
        if (signer->keys.token)
            add_header(signer, "x-amz-security-token", signer->keys.token);
        add_authorization(signer, request, hash);
    }
    out->method = request->method;
    out->url = signer->url.bytes;
    out->headers = signer->headers;
    out->header_count = signer->header_count;
    out->body = request->body;
    return true;
}

const char *s3_signer_region(const struct s3_signer *signer)
{
    return signer->region;
}

bool s3_signer_reject_keys(struct s3_signer *signer)
{
    if (!signer->service->credentials)
        return false;
    credentials_reject(signer->service->credentials, &signer->keys);
    return true;
}
