/* SPDX-License-Identifier: MIT */

/* One signed request, repeated while that may help. */

#include "s3/s3_client.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/uuid.h"
#include "s3/http.h"
#include "s3/s3_attempts.h"
#include "s3/s3_integrity.h"
#include "s3/s3_range.h"
#include "s3/s3_request.h"

enum {
    CLEAN_UP_ATTEMPTS = 3,
    HEADERS_MAX = 40,
};

struct s3_client {
    struct s3_service *service;  /* borrowed */
    const struct cancel *cancel; /* borrowed */
    struct s3_signer *signer;    /* owned */
    struct http *http;           /* owned */
};

/* What one attempt adds to the request. */
struct additions {
    struct http_header headers[HEADERS_MAX];
    size_t count;
    char range[64];
    char number[48];
};

struct s3_client *s3_client_open(struct s3_service *service, const struct cancel *cancel)
{
    struct s3_client *client = memory_new(1, sizeof(*client));

    client->service = service;
    client->cancel = cancel;
    client->signer = s3_signer_new(service);
    client->http = http_open(&service->http);
    return client;
}

struct s3_client *s3_client_open_beside(const struct s3_client *client)
{
    return s3_client_open(client->service, client->cancel);
}

void s3_client_close(struct s3_client *client)
{
    if (!client)
        return;
    http_close(client->http);
    s3_signer_free(client->signer);
    free(client);
}

struct s3_service *s3_client_service(struct s3_client *client)
{
    return client->service;
}

const struct cancel *s3_client_cancel(const struct s3_client *client)
{
    return client->cancel;
}

static void add_header(struct additions *additions, const char *name, const char *value)
{
    assert(additions->count < HEADERS_MAX);
    additions->headers[additions->count++] = (struct http_header){ name, value };
}

static void add_range(struct s3_attempts *attempts, struct additions *additions)
{
    const struct s3_range *range = attempts->request->range;

    if (range)
        snprintf(additions->range, sizeof(additions->range), "bytes=%" PRIu64 "-%" PRIu64,
                 range->first + attempts->had_bytes, range->first + range->size - 1);
    else if (attempts->had_bytes > 0)
        snprintf(additions->range, sizeof(additions->range), "bytes=%" PRIu64 "-",
                 attempts->had_bytes);
    if (additions->range[0])
        add_header(additions, "range", additions->range);
}

static const char *check_header(const struct s3_settings *settings)
{
    return settings->checksum == S3_CHECKSUM_CRC64NVME ? "x-amz-checksum-crc64nvme"
                                                       : "x-amz-checksum-crc32";
}

static void add_headers(struct s3_attempts *attempts, struct additions *additions)
{
    const struct s3_settings *settings = &attempts->service->settings;
    const struct s3_request *request = attempts->request;

    for (size_t i = 0; i < request->header_count; i++)
        add_header(additions, request->headers[i].name, request->headers[i].value);
    if (attempts->check[0])
        add_header(additions,
                   request->announces_check ? "x-amz-checksum-algorithm" : check_header(settings),
                   attempts->check);
    if (attempts->md5[0])
        add_header(additions, "content-md5", attempts->md5);
    if (settings->request_payer)
        add_header(additions, "x-amz-request-payer", "requester");
    if (settings->expected_bucket_owner)
        add_header(additions, "x-amz-expected-bucket-owner", settings->expected_bucket_owner);
    if (request->only_new)
        add_header(additions, "if-none-match", "*");
    /* Two halves of different versions would decode as noise. */
    if (attempts->pin[0])
        add_header(additions, "if-match", attempts->pin);
    add_range(attempts, additions);
    snprintf(additions->number, sizeof(additions->number), "attempt=%u; max=%u", attempts->number,
             attempts->most);
    add_header(additions, "amz-sdk-invocation-id", attempts->invocation_id);
    add_header(additions, "amz-sdk-request", additions->number);
}

static void log_attempt(const struct s3_attempts *attempts, int64_t began_ms)
{
    const struct s3_request *request = attempts->request;

    log_debug("%s %s s3://%s/%s: %d, %" PRIu64 " bytes up, %" PRIu64 " down, %d ms, attempt %u, "
              "request id %s",
              request->method, request->operation, request->bucket,
              request->key ? request->key : "", attempts->response->status, request->body.size,
              attempts->response->received, (int)(clock_monotonic_ms() - began_ms),
              attempts->number,
              attempts->response->request_id[0] ? attempts->response->request_id : "-");
}

/* The first response that carries bytes of an unpinned download decides on the version. */
static void pin_version(struct s3_attempts *attempts)
{
    if (attempts->request->to && !attempts->pin[0] && attempts->response->status == 200)
        memcpy(attempts->pin, attempts->response->etag, sizeof(attempts->pin));
}

static void count(_Atomic uint64_t *counter)
{
    atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

static bool exchange(struct s3_attempts *attempts, struct error *err)
{
    const struct s3_request *request = attempts->request;
    struct s3_request full_request = *request;
    struct additions additions = { .count = 0 };
    struct http_request http_request = {
        .sink = { .taker = request->range ? &request->range->taker : NULL,
                  .spool = request->to,
                  .first = attempts->had_bytes,
                  .limit = request->to_limit },
        .cancel = attempts->cancel,
        .timeout_ms = request->clean_up_ms,
    };
    int64_t began_ms;
    bool ok;

    add_headers(attempts, &additions);
    full_request.headers = additions.headers;
    full_request.header_count = additions.count;
    if (!s3_signer_sign(attempts->signer, &full_request, attempts->hash, &http_request, err))
        return false;
    count(&attempts->service->requests);
    began_ms = clock_monotonic_ms();
    ok = http_exchange(attempts->http, &http_request, attempts->response, err);
    log_attempt(attempts, began_ms);
    return ok;
}

/* Without an answer, or with an error of the server's, nobody knows what it has done. */
static void note_doubt(const struct s3_attempts *attempts, bool answered)
{
    const struct http_response *response = attempts->response;

    if (attempts->request->unsure && (!answered || response->resent || response->status >= 500))
        *attempts->request->unsure = true;
}

static bool check_version(const struct s3_attempts *attempts, struct error *err)
{
    return !attempts->request->to ||
           s3_integrity_check_version(attempts->response, attempts->pin, err);
}

static bool attempt(struct s3_attempts *attempts, struct error *err)
{
    bool answered;

    attempts->remedy = S3_REMEDY_NONE;
    attempts->clock_offset_ms = atomic_load(&attempts->service->clock.offset_ms);
    attempts->had_bytes = s3_attempts_received(attempts);
    if (!s3_attempts_wait_for_turn(attempts, err))
        return false;
    answered = exchange(attempts, err);
    note_doubt(attempts, answered);
    if (!answered) {
        /* The bytes that came are kept. */
        if (err->kind == ERROR_TRANSIENT && !s3_error_is(attempts->response))
            (void)check_version(attempts, err);
        pin_version(attempts);
        return false;
    }
    if (!s3_error_is(attempts->response))
        return check_version(attempts, err);
    attempts->remedy =
        s3_error_judge(attempts->request, attempts->response, attempts->named_region, err);
    if (attempts->remedy == S3_REMEDY_SLOW_DOWN)
        count(&attempts->service->throttled);
    return false;
}

/* A reply cut off right after the last byte, as when a final chunk is lost, lacks nothing. */
static bool has_everything(const struct s3_attempts *attempts, const struct error *failure)
{
    const struct s3_request *request = attempts->request;

    if (failure->kind != ERROR_TRANSIENT || s3_attempts_received(attempts) == 0)
        return false;
    return s3_attempts_received(attempts) ==
           (request->range ? request->range->size : request->to_limit);
}

/* What goes with the body, the same in all attempts. */
static bool prepare_body(struct s3_attempts *attempts, struct error *failure)
{
    const struct s3_service *service = attempts->service;
    const struct s3_request *request = attempts->request;
    bool is_long = service->settings.checksum == S3_CHECKSUM_CRC64NVME;
    bool sends_crc = service->sends_checks && !atomic_load(&service->checks_refused);
    struct s3_integrity_sums sums = { 0 };

    if (!s3_signer_hash(attempts->signer, &request->body, attempts->hash))
        sums.sha256 = attempts->hash;
    if (request->announces_check && sends_crc)
        snprintf(attempts->check, sizeof(attempts->check), "%s", is_long ? "CRC64NVME" : "CRC32");
    if (request->wants_check && sends_crc)
        *(is_long ? &sums.crc64nvme : &sums.crc32) = attempts->check;
    else if (request->wants_check && service->sends_checks)
        sums.md5 = attempts->md5;
    return s3_integrity_sum(&request->body, &sums, failure);
}

static bool send_until_done(struct s3_attempts *attempts, struct error *failure)
{
    if (!prepare_body(attempts, failure))
        return false;
    for (;;) {
        if (attempt(attempts, failure) || has_everything(attempts, failure))
            return true;
        if (!s3_attempts_again(attempts, failure))
            return false;
        count(&attempts->service->repeated);
    }
}

bool s3_client_send(struct s3_client *client, const struct s3_request *request,
                    struct http_response *response, struct error *err)
{
    bool cleans_up = request->clean_up_ms != 0;
    struct s3_attempts attempts = {
        .service = client->service,
        .signer = client->signer,
        .http = client->http,
        /* Clean-up has short waits only, and none may cut it off. */
        .cancel = cleans_up ? NULL : client->cancel,
        .request = request,
        .response = response,
        .number = 1,
        .most = cleans_up ? CLEAN_UP_ATTEMPTS : client->service->max_attempts,
    };
    struct error failure; /* of attempts that may be followed by a better one */

    uuid_random(attempts.invocation_id);
    snprintf(attempts.pin, sizeof(attempts.pin), "%s", request->etag ? request->etag : "");
    if (send_until_done(&attempts, &failure)) {
        retry_quota_give(&client->service->quota, attempts.quota_taken, clock_monotonic_ms());
        if (attempts.checks_tried && !atomic_exchange(&client->service->checks_refused, true))
            log_debug("the server takes no CRC checksums; sending Content-MD5 instead");
        return true;
    }
    error_prefix(&failure, "%s s3://%s/%s", request->operation, request->bucket,
                 request->key ? request->key : "");
    *err = failure;
    return false;
}

bool s3_client_check_bucket(struct s3_client *client, const char *bucket, struct error *err)
{
    struct s3_request request = { .operation = "HeadBucket", .method = "HEAD", .bucket = bucket };
    struct http_response response;
    bool ok;

    http_response_init(&response, S3_ANSWER_LIMIT);
    ok = s3_client_send(client, &request, &response, err);
    http_response_release(&response);
    return ok;
}
