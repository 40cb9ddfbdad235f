/* SPDX-License-Identifier: MIT */

/* Reads one version of one object, whole and unchanged. */

#include "s3/s3_download.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "s3/http.h"
#include "s3/s3_integrity.h"
#include "s3/s3_request.h"
#include "s3/s3_reread.h"
#include "s3/s3_service_parts.h"
#include "s3/s3_url.h"

enum { TRIES = 4 };

/* A download on its way. */
struct download {
    struct s3_client *client;
    const char *bucket;
    const struct object *object;
    const char *query; /* for its version; NULL: the current one */
    struct spool *to;
};

static bool get(const struct download *download, struct http_response *response, struct error *err)
{
    const struct object *object = download->object;
    const struct http_header headers[] = { { "x-amz-checksum-mode", "ENABLED" } };
    bool listed = object->etag && !object->size_unknown; /* a size alone means nothing */
    struct s3_request request = {
        .operation = "GetObject",
        .method = "GET",
        .bucket = download->bucket,
        .key = object->key,
        .query = download->query,
        .headers = headers,
        .header_count = s3_client_service(download->client)->wants_checks,
        .to = download->to,
        .to_limit = listed ? object->size : UINT64_MAX,
        .etag = object->etag,
    };

    if (listed && !spool_reserve(download->to, object->size, err))
        return false;
    if (!s3_client_send(download->client, &request, response, err))
        return false;
    if (!listed || download->to->size == object->size)
        return true;
    return error_set(err, ERROR_OBJECT, "S3.SizeMismatch",
                     "GetObject s3://%s/%s: got %llu bytes, the listing said %llu",
                     download->bucket, object->key, (unsigned long long)download->to->size,
                     (unsigned long long)object->size);
}

/* TLS has its own checks, so the ETag is only for where there is none. */
static bool judge(const struct download *download, struct http_response *response,
                  struct s3_finding *finding, struct error *err)
{
    const struct s3_service *service = s3_client_service(download->client);
    struct object object = *download->object;

    if (!response->etag[0] && object.etag) /* some proxies take it out */
        snprintf(response->etag, sizeof(response->etag), "%s", object.etag);
    finding->verdict = S3_INTACT;
    if (service->wants_checks &&
        !s3_integrity_check(response, download->to, !service->endpoint.tls, finding, err))
        return false;
    if (finding->verdict != S3_UNSURE)
        return true;
    object.etag = response->etag; /* as it need not be listed, nor its size */
    object.size = download->to->size;
    return s3_reread(download->client, download->bucket, &object, finding, err);
}

static bool get_intact(struct download *download, struct http_response *response, struct error *err)
{
    const struct object *object = download->object;
    struct s3_finding finding;

    for (int number = 1; number <= TRIES; number++) {
        if (!get(download, response, err) || !judge(download, response, &finding, err))
            return false;
        if (finding.verdict == S3_INTACT)
            return true;
        log_debug("GetObject s3://%s/%s: the bytes do not fit their checksum", download->bucket,
                  object->key);
        spool_clear(download->to);
    }
    return error_set(err, ERROR_TRANSIENT, "S3.ChecksumMismatch",
                     "GetObject s3://%s/%s: %d times the bytes did not fit their checksum or ETag; "
                     "something on the way changes them, or the object is damaged (a server whose "
                     "ETags are no MD5 needs AWS_RESPONSE_CHECKSUM_VALIDATION=when_required)",
                     download->bucket, object->key, TRIES);
}

bool s3_download(struct s3_client *client, const char *bucket, const struct object *object,
                 struct spool *to, struct error *err)
{
    char *query = s3_url_version_query(object->version_id);
    struct download download = { client, bucket, object, query, to };
    struct http_response response;
    bool ok;

    http_response_init(&response, S3_ANSWER_LIMIT);
    ok = get_intact(&download, &response, err);
    http_response_release(&response);
    free(query);
    return ok;
}
