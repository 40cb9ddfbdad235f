/* SPDX-License-Identifier: MIT */

/* Fetches one range of an object. */

#include "s3/s3_range.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "s3/s3_integrity.h"
#include "s3/s3_request.h"
#include "s3/s3_url.h"

/* What the headers say must fit before the first byte is believed. */
static bool check_response(struct s3_range *range, const struct http_response *response,
                           struct error *err)
{
    const struct object *object = range->object;
    char expected[sizeof(response->content_range)];

    range->is_refused = response->status != 206;
    if (range->is_refused)
        return error_set(err, ERROR_OBJECT, "S3.InvalidResponse",
                         "asked for a part of the object and got all of it: the server knows no "
                         "ranges");
    snprintf(expected, sizeof(expected), "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64,
             range->first + range->received, range->first + range->size - 1, object->size);
    if (strcmp(response->content_range, expected) != 0)
        return error_set(err, ERROR_OBJECT, "S3.InvalidResponse", "asked for \"%s\", got \"%s\"",
                         expected, response->content_range);
    return s3_integrity_check_version(response, object->etag, err);
}

static bool take(struct http_taker *taker, const struct http_response *response, const char *bytes,
                 size_t size, struct error *err)
{
    struct s3_range *range = (struct s3_range *)taker;

    if (response->received == 0 && !check_response(range, response, err))
        return false;
    range->is_kms = s3_integrity_is_kms(response);
    if (size > range->size - range->received)
        return error_set(err, ERROR_OBJECT, "S3.SizeMismatch",
                         "the range is longer than the %" PRIu64 " bytes asked for", range->size);
    if (range->to)
        memcpy(range->to + range->received, bytes, size);
    range->arrived(range, bytes, size);
    return true;
}

static bool check_size(const struct s3_range *range, const char *bucket, struct error *err)
{
    if (range->received == range->size)
        return true;
    return error_set(err, ERROR_TRANSIENT, "S3.SizeMismatch",
                     "GetObject s3://%s/%s: got %" PRIu64 " bytes of the %" PRIu64 " from %" PRIu64
                     " on",
                     bucket, range->object->key, range->received, range->size, range->first);
}

bool s3_range_fetch(struct s3_range *range, struct s3_client *client, const char *bucket,
                    struct error *err)
{
    char *query = s3_url_version_query(range->object->version_id);
    const struct s3_request request = {
        .operation = "GetObject",
        .method = "GET",
        .bucket = bucket,
        .key = range->object->key,
        .query = query,
        .etag = range->object->etag,
        .range = range,
    };
    struct http_response response;
    bool ok;

    range->taker.take = take;
    http_response_init(&response, S3_ANSWER_LIMIT);
    ok = s3_client_send(client, &request, &response, err) && check_size(range, bucket, err);
    http_response_release(&response);
    free(query);
    return ok;
}
