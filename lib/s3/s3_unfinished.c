/* SPDX-License-Identifier: MIT */

/* Finds part uploads, and ends them. */

#include "s3/s3_unfinished.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/percent.h"
#include "s3/http.h"
#include "s3/s3_request.h"
#include "s3/s3_service_parts.h"

enum {
    PAGE_LIMIT = 8 * 1024 * 1024,
    QUERY_LIMIT = 64 * 1024,
    END_MS = 2500,      /* for each of its attempts: what is left of the grace time must do */
    ROUNDING_MS = 2000, /* some servers cut times down to seconds */
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

/* clean_up_ms as in a request. */
static bool list(struct s3_client *client, const char *bucket, const char *key, long clean_up_ms,
                 struct http_response *response, struct error *err)
{
    struct s3_request request = { .operation = "ListMultipartUploads",
                                  .method = "GET",
                                  .bucket = bucket,
                                  .clean_up_ms = clean_up_ms };
    struct buffer query;
    bool ok;

    buffer_init(&query, QUERY_LIMIT);
    buffer_append_text(&query, "encoding-type=url&prefix=");
    percent_encode(&query, key, PERCENT_KEEP_NAME);
    buffer_append_text(&query, "&uploads=");
    request.query = query.bytes;
    ok = s3_client_send(client, &request, response, err);
    buffer_release(&query);
    return ok;
}

bool s3_unfinished_find(struct s3_client *client, const char *bucket, const char *key,
                        struct s3_xml_uploads *uploads, struct error *err)
{
    struct http_response response;
    bool ok;

    http_response_init(&response, PAGE_LIMIT);
    ok = list(client, bucket, key, 0, &response, err) &&
         s3_xml_read_uploads(response.body.bytes, response.body.size, uploads, err);
    if (ok)
        keep_key(uploads, key);
    http_response_release(&response);
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
    http_response_init(&response, S3_ANSWER_LIMIT);
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

/* By the server's clock, as are the times in its answer. */
static int64_t find_now_ms(struct s3_client *client, const struct http_response *response)
{
    int64_t now_ms;

    if (clock_parse_http(response->date, &now_ms))
        return now_ms;
    return clock_wall_ms() + atomic_load(&s3_client_service(client)->clock.offset_ms);
}

/* The only one of the key but own_id that began at since_ms or later, or NULL. */
static const struct s3_xml_upload *find_twin(const struct s3_xml_uploads *uploads, const char *key,
                                             const char *own_id, int64_t since_ms)
{
    const struct s3_xml_upload *twin = NULL;
    size_t count = 0;

    for (size_t i = 0; i < uploads->count; i++) {
        const struct s3_xml_upload *upload = &uploads->uploads[i];

        if (strcmp(upload->key, key) != 0 || upload->initiated_ms < since_ms ||
            (own_id && strcmp(upload->id, own_id) == 0))
            continue;
        twin = upload;
        count++;
    }
    return count == 1 ? twin : NULL;
}

bool s3_unfinished_end_twin(struct s3_client *client, const char *bucket, const char *key,
                            const char *own_id, int64_t age_ms, struct error *err)
{
    const struct s3_xml_upload *twin;
    struct s3_xml_uploads found;
    struct http_response response;
    int64_t since_ms;
    bool ok;

    http_response_init(&response, PAGE_LIMIT);
    ok = list(client, bucket, key, END_MS, &response, err) &&
         s3_xml_read_uploads(response.body.bytes, response.body.size, &found, err);
    if (ok) {
        since_ms = find_now_ms(client, &response) - age_ms - ROUNDING_MS;
        twin = find_twin(&found, key, own_id, since_ms);
        ok = !twin || s3_unfinished_end(client, bucket, key, twin->id, err);
        s3_xml_uploads_release(&found);
    }
    http_response_release(&response);
    return ok;
}
