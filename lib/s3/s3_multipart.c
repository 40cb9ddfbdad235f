/* SPDX-License-Identifier: MIT */

/* Uploads in parts, several at a time. */

#include "s3/s3_multipart.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/log.h"
#include "base/memory.h"
#include "s3/http.h"
#include "s3/s3_service_parts.h"
#include "s3/s3_url.h"
#include "s3/s3_xml.h"

enum {
    PARTS_MAX = 10000, /* S3 takes no more */
    MIB = 1024 * 1024,
    ANSWER_LIMIT = 64 * 1024,
    DOCUMENT_LIMIT = 4 * MIB, /* 10,000 parts take less than 2 MiB */
    QUERY_LIMIT = 16 * 1024,
    CHECKSUM_SIZE = 16,
    ABORT_MS = 2500, /* for each of its attempts: what is left of the grace time must do */
    SENDERS = 4,
    PARALLEL_PART_SIZE = MIB, /* smaller ones are not worth a connection */
};

static const struct http_header if_new = { "if-none-match", "*" };

/* A large object on its way. */
struct parts {
    struct s3_client *client; /* all borrowed down to from */
    const char *bucket;
    const char *key;
    const struct spool *from;
    bool only_new;
    uint64_t part_size;
    size_t count;
    char *upload_id;               /* owned */
    char **etags;                  /* owned; NULL for parts not there yet */
    char (*checks)[CHECKSUM_SIZE]; /* owned; what the server says of parts; "": nothing */
    struct buffer query;
    struct http_response response;
    _Atomic size_t next; /* the number of the part to send next */
    _Atomic bool failed; /* some part did, so that the others need not be sent */
};

/* One of those who send parts at the same time. */
struct sender {
    struct parts *parts;      /* borrowed; each part's fields have one writer */
    struct s3_client *client; /* owned, but for the first one's */
    struct buffer query;
    struct http_response response;
    bool ok;
    struct error err;
};

static bool send_request(struct parts *parts, const struct s3_request *own, struct error *err)
{
    struct s3_request request = *own;

    request.bucket = parts->bucket;
    request.key = parts->key;
    request.query = parts->query.bytes;
    return s3_client_send(parts->client, &request, &parts->response, err);
}

/* For errors that do not come from sending a request, which names the object itself. */
static bool name_object(const struct parts *parts, const char *operation, struct error *err)
{
    error_prefix(err, "%s s3://%s/%s", operation, parts->bucket, parts->key);
    return false;
}

static void write_query(struct buffer *query, const struct parts *parts, size_t number)
{
    buffer_clear(query);
    if (number > 0)
        buffer_append_format(query, "partNumber=%zu&", number);
    buffer_append_text(query, "uploadId=");
    s3_url_encode(query, parts->upload_id, false);
}

static bool begin(struct parts *parts, const struct s3_request *object, struct error *err)
{
    struct s3_request request = {
        .operation = "CreateMultipartUpload",
        .method = "POST",
        .headers = object->headers,
        .header_count = object->header_count,
        .announces_check = true,
    };
    const struct buffer *body = &parts->response.body;

    buffer_append_text(&parts->query, "uploads=");
    return send_request(parts, &request, err) &&
           (s3_xml_read_upload_id(body->bytes, body->size, &parts->upload_id, err) ||
            name_object(parts, request.operation, err));
}

static bool send_part(struct sender *sender, size_t number, struct error *err)
{
    struct parts *parts = sender->parts;
    uint64_t offset = (number - 1) * parts->part_size;
    uint64_t left = parts->from->size - offset;
    struct s3_request request = {
        .operation = "UploadPart",
        .method = "PUT",
        .bucket = parts->bucket,
        .key = parts->key,
        .body = {
            .spool = parts->from,
            .offset = offset,
            .size = left < parts->part_size ? left : parts->part_size,
        },
        .wants_check = true,
    };

    write_query(&sender->query, parts, number);
    request.query = sender->query.bytes;
    if (!s3_client_send(sender->client, &request, &sender->response, err))
        return false;
    parts->etags[number - 1] =
        sender->response.etag[0] ? memory_copy_text(sender->response.etag) : NULL;
    memcpy(parts->checks[number - 1], sender->response.crc32, CHECKSUM_SIZE);
    if (parts->etags[number - 1])
        return true;
    error_set(err, ERROR_OBJECT, "S3.InvalidResponse", "the response has no ETag");
    return name_object(parts, request.operation, err);
}

/* Sends parts that nobody else sends until there are none, or one has failed. */
static void *send_parts(void *arg)
{
    struct sender *sender = arg;
    struct parts *parts = sender->parts;

    sender->ok = true;
    while (sender->ok && !atomic_load(&parts->failed)) {
        size_t number = atomic_fetch_add(&parts->next, 1);

        if (number > parts->count)
            break;
        sender->ok = send_part(sender, number, &sender->err);
    }
    if (!sender->ok)
        atomic_store(&parts->failed, true);
    return NULL;
}

static bool sender_open(struct sender *sender, struct parts *parts, struct s3_client *client)
{
    struct error ignored;

    sender->parts = parts;
    sender->client = client ? client : s3_client_open_beside(parts->client, &ignored);
    buffer_init(&sender->query, QUERY_LIMIT);
    http_response_init(&sender->response, ANSWER_LIMIT);
    return sender->client != NULL;
}

static void sender_close(struct sender *sender)
{
    if (sender->client != sender->parts->client)
        s3_client_close(sender->client);
    buffer_release(&sender->query);
    http_response_release(&sender->response);
}

/* One connection rarely fills the line; a few do. This thread sends too. */
static bool send_all_parts(struct parts *parts, struct error *err)
{
    bool is_worth_it = parts->part_size >= PARALLEL_PART_SIZE;
    struct sender senders[SENDERS] = { 0 };
    pthread_t threads[SENDERS];
    size_t count = 1;
    bool ok = true;

    (void)sender_open(&senders[0], parts, parts->client);
    while (is_worth_it && count < SENDERS && count < parts->count) {
        if (!sender_open(&senders[count], parts, NULL) ||
            pthread_create(&threads[count], NULL, send_parts, &senders[count]) != 0) {
            sender_close(&senders[count]);
            break; /* fewer will do */
        }
        count++;
    }
    send_parts(&senders[0]);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            pthread_join(threads[i], NULL);
        if (ok && !senders[i].ok)
            *err = senders[i].err;
        ok = ok && senders[i].ok;
        sender_close(&senders[i]);
    }
    return ok;
}

/* The MD5 in an ETag; false when it holds something else, as with KMS encryption. */
static bool read_md5(const char *etag, uint8_t md5[MD5_SIZE])
{
    size_t length = strspn(etag += *etag == '"', "0123456789abcdefABCDEF");

    if (length != (size_t)2 * MD5_SIZE || (etag[length] && strcmp(etag + length, "\"") != 0))
        return false;
    for (size_t i = 0; i < MD5_SIZE; i++) {
        char digits[3] = { etag[2 * i], etag[2 * i + 1] };

        md5[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return true;
}

/* The ETag that S3 gives to an object made of these parts, or NULL. */
static char *expected_etag(const struct parts *parts)
{
    uint8_t *sums = memory_new(parts->count, MD5_SIZE);
    uint8_t sum[MD5_SIZE];
    char hex[2 * MD5_SIZE + 1];
    bool known = true;

    for (size_t i = 0; i < parts->count && known; i++)
        known = read_md5(parts->etags[i], sums + i * MD5_SIZE);
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

static bool is_complete(struct parts *parts, char **etag)
{
    struct s3_request request = {
        .operation = "HeadObject", .method = "HEAD", .bucket = parts->bucket, .key = parts->key
    };
    char *expected = expected_etag(parts);
    struct error ignored;
    bool is = expected && s3_client_send(parts->client, &request, &parts->response, &ignored) &&
              strcmp(parts->response.etag, expected) == 0;

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

static bool send_completion(struct parts *parts, const struct buffer *document, char **etag,
                            struct error *err)
{
    struct s3_request request = {
        .operation = "CompleteMultipartUpload",
        .method = "POST",
        .headers = &if_new,
        .header_count = parts->only_new,
        .body = { .bytes = document->bytes, .size = document->size },
    };
    const struct buffer *body = &parts->response.body;

    write_query(&parts->query, parts, 0);
    return send_request(parts, &request, err) &&
           (s3_xml_read_completed(body->bytes, body->size, etag, err) ||
            name_object(parts, request.operation, err));
}

static void write_completion(const struct parts *parts, struct buffer *document)
{
    struct s3_xml_part *list = memory_new(parts->count, sizeof(*list));

    for (size_t i = 0; i < parts->count; i++)
        list[i] = (struct s3_xml_part){ parts->etags[i], parts->checks[i] };
    s3_xml_write_completion(document, list, parts->count);
    free(list);
}

static bool complete(struct parts *parts, char **etag, struct error *err)
{
    struct buffer document;
    struct error failure;
    bool ok;

    buffer_init(&document, DOCUMENT_LIMIT);
    write_completion(parts, &document);
    ok = send_completion(parts, &document, etag, &failure);
    buffer_release(&document);
    if (!ok && may_be_complete(&failure))
        ok = is_complete(parts, etag);
    if (!ok) {
        *err = failure;
        return false;
    }
    quote(etag);
    if (!*etag)
        *etag = expected_etag(parts);
    return true;
}

/* Parts that stay behind cost money and are seen by nobody. */
static void abort_parts(struct parts *parts)
{
    struct s3_request request = { .operation = "AbortMultipartUpload",
                                  .method = "DELETE",
                                  .clean_up_ms = ABORT_MS };
    struct error err;

    if (!parts->upload_id)
        return;
    write_query(&parts->query, parts, 0);
    if (!send_request(parts, &request, &err) && err.kind != ERROR_NOT_FOUND)
        log_warning("the parts of an upload stay behind: %s", err.text);
}

/* Grown in whole MiB, so that sizes look alike whatever the object's. */
static uint64_t choose_part_size(uint64_t wanted, uint64_t size)
{
    uint64_t least = (size + PARTS_MAX - 1) / PARTS_MAX;

    return wanted >= least ? wanted : (least + MIB - 1) / MIB * MIB;
}

bool s3_multipart_put(struct s3_client *client, const struct s3_request *object,
                      const struct spool *from, bool only_new, char **etag, struct error *err)
{
    struct parts parts = {
        .client = client,
        .bucket = object->bucket,
        .key = object->key,
        .from = from,
        .only_new = only_new,
        .part_size = choose_part_size(s3_client_service(client)->part_size, from->size),
    };
    bool ok = false;

    atomic_init(&parts.next, 1);
    atomic_init(&parts.failed, false);
    parts.count = (size_t)((from->size + parts.part_size - 1) / parts.part_size);
    parts.etags = memory_new(parts.count, sizeof(*parts.etags));
    parts.checks = memory_new(parts.count, sizeof(*parts.checks));
    buffer_init(&parts.query, QUERY_LIMIT);
    http_response_init(&parts.response, ANSWER_LIMIT);
    if (!begin(&parts, object, err))
        goto out;
    if (!send_all_parts(&parts, err))
        goto out;
    if (!complete(&parts, etag, err))
        goto out;
    ok = true;

out:
    if (!ok)
        abort_parts(&parts);
    for (size_t i = 0; i < parts.count; i++)
        free(parts.etags[i]);
    free(parts.etags);
    free(parts.checks);
    free(parts.upload_id);
    http_response_release(&parts.response);
    buffer_release(&parts.query);
    return ok;
}
