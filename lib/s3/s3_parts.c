/* SPDX-License-Identifier: MIT */

/* The requests of an upload in parts. */

#include "s3/s3_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/percent.h"
#include "s3/s3_etag.h"
#include "s3/s3_service_parts.h"
#include "s3/s3_stat.h"
#include "s3/s3_unfinished.h"
#include "s3/s3_xml.h"
#include "s3/s3_xml_write.h"

enum {
    DOCUMENT_LIMIT = 4 * 1024 * 1024, /* 10,000 parts take less than 2 MiB */
    QUERY_LIMIT = 16 * 1024,
};

void s3_parts_init(struct s3_parts *parts, struct s3_client *client,
                   const struct s3_parts_request *request)
{
    *parts = (struct s3_parts){ .client = client, .request = *request };
    parts->etags = memory_new(request->most, sizeof(*parts->etags));
    parts->checks = memory_new(request->most, sizeof(*parts->checks));
    buffer_init(&parts->query, QUERY_LIMIT);
    http_response_init(&parts->response, S3_ANSWER_LIMIT);
}

void s3_parts_release(struct s3_parts *parts)
{
    for (size_t i = 0; i < parts->request.most; i++)
        free(parts->etags[i]);
    free(parts->etags);
    free(parts->checks);
    free(parts->upload_id);
    http_response_release(&parts->response);
    buffer_release(&parts->query);
}

void s3_parts_sender_open(struct s3_parts_sender *sender, struct s3_parts *parts, bool beside)
{
    sender->client = beside ? s3_client_open_beside(parts->client) : parts->client;
    sender->owns_client = beside;
    buffer_init(&sender->query, QUERY_LIMIT);
    http_response_init(&sender->response, S3_ANSWER_LIMIT);
}

void s3_parts_sender_close(struct s3_parts_sender *sender)
{
    if (sender->owns_client)
        s3_client_close(sender->client);
    buffer_release(&sender->query);
    http_response_release(&sender->response);
}

static bool send_request(struct s3_parts *parts, const struct s3_request *own, struct error *err)
{
    struct s3_request request = *own;

    request.bucket = parts->request.bucket;
    request.key = parts->request.key;
    request.query = parts->query.bytes;
    return s3_client_send(parts->client, &request, &parts->response, err);
}

/* For errors that do not come from sending a request, which names the object itself. */
static bool name_object(const struct s3_parts *parts, const char *operation, struct error *err)
{
    error_prefix(err, "%s s3://%s/%s", operation, parts->request.bucket, parts->request.key);
    return false;
}

static void write_query(struct buffer *query, const struct s3_parts *parts, size_t number)
{
    buffer_clear(query);
    if (number > 0)
        buffer_append_format(query, "partNumber=%zu&", number);
    buffer_append_text(query, "uploadId=");
    percent_encode(query, parts->upload_id, PERCENT_KEEP_NAME);
}

/* Before the server knows of it, as this process may be killed right after that. */
static void intend(struct s3_parts *parts)
{
    const struct s3_upload_notes *notes = &s3_client_service(parts->client)->notes;

    if (notes->intend)
        parts->note = notes->intend(notes->to, parts->request.bucket, parts->request.key);
}

static void note_begin(const struct s3_parts *parts)
{
    const struct s3_upload_notes *notes = &s3_client_service(parts->client)->notes;

    if (parts->note)
        notes->begun(notes->to, parts->note, parts->upload_id);
}

static void note_end(const struct s3_parts *parts)
{
    const struct s3_upload_notes *notes = &s3_client_service(parts->client)->notes;

    if (parts->note)
        notes->ended(notes->to, parts->note);
}

/* False: there may be an upload that nobody knows. */
static bool end_twin(const struct s3_parts *parts)
{
    int64_t age_ms = clock_monotonic_ms() - parts->begin_ms;
    struct error err;

    if (!parts->may_be_twice ||
        s3_unfinished_end_twin(parts->client, parts->request.bucket, parts->request.key,
                               parts->upload_id, age_ms, &err))
        return true;
    log_debug("an upload may stay behind: %s", err.text);
    return false;
}

bool s3_parts_begin(struct s3_parts *parts, struct error *err)
{
    struct s3_request request = {
        .operation = "CreateMultipartUpload",
        .method = "POST",
        .headers = parts->request.headers,
        .header_count = parts->request.header_count,
        .announces_check = true,
        .unsure = &parts->may_be_twice,
    };
    const struct buffer *body = &parts->response.body;

    buffer_append_text(&parts->query, "uploads=");
    intend(parts);
    parts->begin_ms = clock_monotonic_ms();
    if (!send_request(parts, &request, err))
        return false;
    if (!s3_xml_read_upload_id(body->bytes, body->size, &parts->upload_id, err))
        return name_object(parts, request.operation, err);
    note_begin(parts);
    return true;
}

bool s3_parts_are_lost(const struct error *failure)
{
    return strcmp(failure->word, "S3.NoSuchUpload") == 0 ||
           strcmp(failure->word, "S3.ConditionalRequestConflict") == 0;
}

static void judge_loss(struct error *err)
{
    if (s3_parts_are_lost(err))
        err->kind = ERROR_TRANSIENT;
}

bool s3_parts_send(struct s3_parts *parts, struct s3_parts_sender *sender, size_t number,
                   const struct http_body *body, struct error *err)
{
    struct s3_request request = {
        .operation = "UploadPart",
        .method = "PUT",
        .bucket = parts->request.bucket,
        .key = parts->request.key,
        .body = *body,
        .wants_check = true,
    };

    write_query(&sender->query, parts, number);
    request.query = sender->query.bytes;
    if (!s3_client_send(sender->client, &request, &sender->response, err)) {
        judge_loss(err);
        return false;
    }
    if (!sender->response.etag[0]) {
        error_set(err, ERROR_OBJECT, "S3.InvalidResponse", "the response has no ETag");
        return name_object(parts, request.operation, err);
    }
    free(parts->etags[number - 1]);
    parts->etags[number - 1] = memory_copy_text(sender->response.etag);
    memcpy(parts->checks[number - 1], sender->response.crc32, S3_PARTS_CHECK_SIZE);
    return true;
}

/* The ETag that S3 gives to an object made of these parts, or NULL. */
static char *expected_etag(const struct s3_parts *parts)
{
    uint8_t *sums = memory_new(parts->count, MD5_SIZE);
    uint8_t sum[MD5_SIZE];
    char hex[2 * MD5_SIZE + 1];
    struct s3_etag etag;
    bool known = true;

    for (size_t i = 0; i < parts->count && known; i++) {
        known = s3_etag_read(parts->etags[i], &etag) && etag.parts == 0;
        memcpy(sums + i * MD5_SIZE, etag.md5, MD5_SIZE);
    }
    digest_md5(sums, parts->count * MD5_SIZE, sum);
    free(sums);
    return known ? memory_format("\"%s-%zu\"", digest_hex(sum, sizeof(sum), hex), parts->count)
                 : NULL;
}

/* When the response to a completion is lost, the next attempt finds the upload gone. */
static bool may_be_complete(const struct error *failure)
{
    return strcmp(failure->word, "S3.NoSuchUpload") == 0 ||
           strcmp(failure->word, "S3.PreconditionFailed") == 0 ||
           strcmp(failure->word, "S3.InvalidResponse") == 0;
}

static bool is_complete(const struct s3_parts *parts, char **etag)
{
    char *expected = expected_etag(parts);
    struct s3_object_info info = { 0 };
    struct error ignored;
    bool found;
    bool is = expected &&
              s3_stat(parts->client, parts->request.bucket, parts->request.key, &info, &found,
                      &ignored) &&
              found && info.etag && s3_etag_is_same(info.etag, expected);

    s3_object_info_release(&info);
    if (is)
        *etag = expected;
    else
        free(expected);
    return is;
}

/* Some servers leave the quotes out here, though not elsewhere. */
static void quote(char **etag)
{
    char *bare = *etag;

    if (!bare || *bare == '"')
        return;
    *etag = memory_format("\"%s\"", bare);
    free(bare);
}

static bool send_completion(struct s3_parts *parts, const struct buffer *document, char **etag,
                            struct error *err)
{
    struct s3_request request = {
        .operation = "CompleteMultipartUpload",
        .method = "POST",
        .body = { .bytes = document->bytes, .size = document->size },
        .only_new = parts->request.only_new,
    };
    const struct buffer *body = &parts->response.body;

    write_query(&parts->query, parts, 0);
    return send_request(parts, &request, err) &&
           (s3_xml_read_completed(body->bytes, body->size, etag, err) ||
            name_object(parts, request.operation, err));
}

static void write_completion(const struct s3_parts *parts, struct buffer *document)
{
    struct s3_xml_part *list = memory_new(parts->count, sizeof(*list));

    for (size_t i = 0; i < parts->count; i++)
        list[i] = (struct s3_xml_part){ parts->etags[i], parts->checks[i] };
    s3_xml_write_completion(document, list, parts->count);
    free(list);
}

bool s3_parts_complete(struct s3_parts *parts, size_t count, char **etag, struct error *err)
{
    struct buffer document;
    struct error failure;
    bool ok;

    parts->count = count;
    buffer_init(&document, DOCUMENT_LIMIT);
    write_completion(parts, &document);
    ok = send_completion(parts, &document, etag, &failure);
    buffer_release(&document);
    if (ok) {
        if (end_twin(parts))
            note_end(parts);
    } else if (may_be_complete(&failure) && is_complete(parts, etag)) {
        s3_parts_abort(parts); /* in case that another upload made it, of the same bytes */
    } else {
        *err = failure;
        judge_loss(err);
        return false;
    }
    quote(etag);
    if (!*etag)
        *etag = expected_etag(parts);
    return true;
}

void s3_parts_abort(struct s3_parts *parts)
{
    struct error err;
    bool ended = !parts->upload_id || s3_unfinished_end(parts->client, parts->request.bucket,
                                                        parts->request.key, parts->upload_id, &err);

    if (!ended)
        log_warning("the parts of an upload stay behind: %s", err.text);
    if (end_twin(parts) && ended)
        note_end(parts);
}
