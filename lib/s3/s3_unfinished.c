/* SPDX-License-Identifier: MIT */

/* Finds part uploads, and ends them. */

#include "s3/s3_unfinished.h"

#include <stdlib.h>
#include <string.h>

#include "base/percent.h"
#include "s3/http.h"
#include "s3/s3_request.h"

enum {
    PAGE_LIMIT = 8 * 1024 * 1024,
    ANSWER_LIMIT = 64 * 1024,
    QUERY_LIMIT = 64 * 1024,
    END_MS = 2500, /* for each of its attempts: what is left of the grace time must do */
};

/* Keys that only begin so are another object's. */
static void keep_key(struct s3_xml_uploads *uploads, const char *key)
{
    size_t kept = 0;

    for (size_t i = 0; i < uploads->count; i++) {
        struct s3_xml_upload *upload = &uploads->uploads[i];

        if (strcmp(upload->key, key) == 0) {
            uploads->uploads[kept++] = *upload;
            continue;
        }
        free(upload->key);
        free(upload->id);
    }
    uploads->count = kept;
}

bool s3_unfinished_find(struct s3_client *client, const char *bucket, const char *key,
                        struct s3_xml_uploads *uploads, struct error *err)
{
    struct s3_request request = { .operation = "ListMultipartUploads",
                                  .method = "GET",
                                  .bucket = bucket };
    struct http_response response;
    struct buffer query;
    bool ok;

    buffer_init(&query, QUERY_LIMIT);
    http_response_init(&response, PAGE_LIMIT);
    buffer_append_text(&query, "encoding-type=url&prefix=");
    percent_encode(&query, key, PERCENT_KEEP_NAME);
    buffer_append_text(&query, "&uploads=");
    request.query = query.bytes;
    ok = s3_client_send(client, &request, &response, err) &&
         s3_xml_read_uploads(response.body.bytes, response.body.size, uploads, err);
    if (ok)
        keep_key(uploads, key);
    http_response_release(&response);
    buffer_release(&query);
    return ok;
}

bool s3_unfinished_end(struct s3_client *client, const char *bucket, const char *key,
                       const char *upload_id, struct error *err)
{
    struct s3_request request = { .operation = "AbortMultipartUpload",
                                  .method = "DELETE",
                                  .bucket = bucket,
                                  .key = key,
                                  .clean_up_ms = END_MS };
    struct http_response response;
    struct error failure;
    struct buffer query;
    bool ok;

    buffer_init(&query, QUERY_LIMIT);
    http_response_init(&response, ANSWER_LIMIT);
    buffer_append_text(&query, "uploadId=");
    percent_encode(&query, upload_id, PERCENT_KEEP_NAME);
    request.query = query.bytes;
    ok = s3_client_send(client, &request, &response, &failure) ||
         (failure.kind == ERROR_NOT_FOUND && response.status == 404);
    if (!ok)
        *err = failure;
    http_response_release(&response);
    buffer_release(&query);
    return ok;
}
