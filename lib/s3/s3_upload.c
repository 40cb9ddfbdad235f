/* SPDX-License-Identifier: MIT */

/* Writes one object, whole or not at all. */

#include "s3/s3_upload.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "s3/http.h"
#include "s3/s3_integrity.h"
#include "s3/s3_multipart.h"
#include "s3/s3_request.h"
#include "s3/s3_service_parts.h"
#include "s3/s3_stat.h"
#include "s3/s3_write_headers.h"

static char *copy_etag(const struct http_response *response)
{
    return response->etag[0] ? memory_copy_text(response->etag) : NULL;
}

static bool is_same_text(const char *stored, const char *wanted)
{
    return strcmp(stored, wanted ? wanted : "") == 0;
}

/*
 * Whether the object that is there is the one that was to go there: then an attempt whose answer
 * was lost has stored it.
 */
static bool is_there(struct s3_client *client, const struct s3_upload_request *upload,
                     const struct spool *from, char **etag)
{
    struct s3_request request = {
        .operation = "HeadObject", .method = "HEAD", .bucket = upload->bucket, .key = upload->key
    };
    struct http_response response;
    struct error ignored;
    struct s3_finding finding;
    bool is;

    http_response_init(&response, S3_ANSWER_LIMIT);
    is = s3_client_send(client, &request, &response, &ignored) &&
         response.content_length == (int64_t)from->size &&
         is_same_text(response.source_etag, upload->source_etag) &&
         is_same_text(response.recipe, upload->recipe) &&
         s3_integrity_check(&response, from, true, &finding, &ignored) &&
         finding.verdict == S3_INTACT;
    if (is)
        *etag = copy_etag(&response);
    http_response_release(&response);
    return is;
}

static bool put(struct s3_client *client, const struct s3_upload_request *object,
                const struct s3_write_headers *headers, const struct spool *from, char **etag,
                struct error *err)
{
    bool unsure = false;
    const struct s3_request request = {
        .operation = "PutObject",
        .method = "PUT",
        .bucket = object->bucket,
        .key = object->key,
        .headers = headers->list,
        .header_count = headers->count,
        .body = { .spool = from, .size = from->size },
        .only_new = object->only_new,
        .wants_check = true,
        .unsure = &unsure,
    };
    struct http_response response;
    bool ok;

    http_response_init(&response, S3_ANSWER_LIMIT);
    ok = s3_client_send(client, &request, &response, err);
    if (ok)
        *etag = copy_etag(&response);
    http_response_release(&response);
    if (!ok && unsure && object->only_new && strcmp(err->word, "S3.PreconditionFailed") == 0)
        ok = is_there(client, object, from, etag);
    return ok;
}

static bool refuse_existing(const struct s3_upload_request *request, struct error *err)
{
    return error_set(err, ERROR_OBJECT, "Avmap.AlreadyExists",
                     "s3://%s/%s is there already; remove it, choose another name, or let it be "
                     "replaced",
                     request->bucket, request->key);
}

bool s3_upload_check_new(struct s3_client *client, const struct s3_upload_request *request,
                         struct error *err)
{
    struct s3_object_info info = { 0 };
    bool found;

    if (!request->only_new)
        return true;
    if (!s3_stat(client, request->bucket, request->key, &info, &found, err))
        return false;
    s3_object_info_release(&info);
    return !found || refuse_existing(request, err);
}

static bool put_in_parts(struct s3_client *client, const struct s3_upload_request *request,
                         const struct s3_write_headers *headers, const struct spool *from,
                         char **etag, struct error *err)
{
    const struct s3_parts_request object = {
        .bucket = request->bucket,
        .key = request->key,
        .headers = headers->list,
        .header_count = headers->count,
        .only_new = request->only_new,
    };

    return s3_upload_check_new(client, request, err) &&
           s3_multipart_put(client, &object, from, etag, err);
}

static bool send(struct s3_client *client, const struct s3_upload_request *request,
                 const struct spool *from, char **etag, struct error *err)
{
    struct s3_write_headers headers;
    bool in_parts = from->size > s3_client_service(client)->single_put_max;
    bool ok;

    s3_write_headers_init(&headers, &s3_client_service(client)->settings, request);
    ok = in_parts ? put_in_parts(client, request, &headers, from, etag, err)
                  : put(client, request, &headers, from, etag, err);
    s3_write_headers_release(&headers);
    return ok;
}

void s3_upload_explain(const struct s3_upload_request *request, const struct error *failure,
                       struct error *err)
{
    if (request->only_new && strcmp(failure->word, "S3.PreconditionFailed") == 0)
        refuse_existing(request, err);
    else
        *err = *failure;
}

bool s3_upload(struct s3_client *client, const struct s3_upload_request *request,
               const struct spool *from, char **etag, struct error *err)
{
    struct error failure;
    char *given = NULL;
    bool ok = send(client, request, from, &given, &failure);

    if (!ok)
        s3_upload_explain(request, &failure, err);
    if (ok && etag)
        *etag = given;
    else
        free(given);
    return ok;
}
