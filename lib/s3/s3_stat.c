/* SPDX-License-Identifier: MIT */

/* Asks about one object. */

#include "s3/s3_stat.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "s3/http.h"
#include "s3/s3_request.h"
#include "s3/s3_url.h"

static char *copy_if_any(const char *text)
{
    return *text ? memory_copy_text(text) : NULL;
}

static void fill(struct s3_object_info *info, const struct http_response *response)
{
    *info = (struct s3_object_info){
        .size = response->content_length > 0 ? (uint64_t)response->content_length : 0,
        .etag = copy_if_any(response->etag),
        .source_etag = copy_if_any(response->source_etag),
        .recipe = copy_if_any(response->recipe),
        .files = copy_if_any(response->files),
    };
    if (!clock_parse_http(response->last_modified, &info->modified_ms))
        info->modified_ms = 0;
}

bool s3_stat_version(struct s3_client *client, const char *bucket, const struct object *object,
                     struct s3_object_info *info, bool *found, struct error *err)
{
    char *query = s3_url_version_query(object->version_id);
    struct s3_request request = { .operation = "HeadObject",
                                  .method = "HEAD",
                                  .bucket = bucket,
                                  .key = object->key,
                                  .query = query };
    struct http_response response;
    struct error failure;
    bool ok;

    http_response_init(&response, S3_ANSWER_LIMIT);
    ok = s3_client_send(client, &request, &response, &failure);
    *found = ok;
    if (ok)
        fill(info, &response);
    else if (response.status == 404 && failure.kind == ERROR_NOT_FOUND)
        ok = true;
    else
        *err = failure;
    http_response_release(&response);
    free(query);
    return ok;
}

bool s3_stat(struct s3_client *client, const char *bucket, const char *key,
             struct s3_object_info *info, bool *found, struct error *err)
{
    const struct object object = { .key = (char *)key }; /* only read */

    return s3_stat_version(client, bucket, &object, info, found, err);
}

void s3_object_info_release(struct s3_object_info *info)
{
    free(info->etag);
    free(info->source_etag);
    free(info->recipe);
    free(info->files);
    *info = (struct s3_object_info){ 0 };
}
