/* SPDX-License-Identifier: MIT */

/* One signed request, repeated while that may help. */

#include "s3/s3_client.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/uuid.h"
#include "s3/http.h"
#include "s3/s3_error.h"
#include "s3/s3_integrity.h"
#include "s3/s3_range.h"
#include "s3/s3_request.h"
#include "s3/s3_service_parts.h"
#include "s3/s3_signer.h"

enum {
    ANSWER_LIMIT = 64 * 1024,          /* what a request without a document of its own gets */
    SKEW_TOLERATED_MS = 4 * 60 * 1000, /* S3 tolerates 15 minutes; errors below have other causes */
    CLEAN_UP_ATTEMPTS = 3,
    HEADERS_MAX = 40,
    PROGRESS = 64 * 1024, /* so many more bytes of a download are worth a new count of attempts */
};

struct s3_client {
    struct s3_service *service;  /* borrowed */
    const struct cancel *cancel; /* borrowed */
    struct s3_signer *signer;    /* owned */
    struct http *http;           /* owned */
};

/* One request on its way through its attempts. */
struct sending {
    struct s3_client *client;
    const struct s3_request *request;
    struct http_response *response;
    unsigned attempt; /* from 1; progress in a download starts it again */
    unsigned attempts;
    uint64_t had_bytes;      /* of a download, before this attempt */
    int64_t clock_offset_ms; /* this attempt's; other workers may correct the service's meanwhile */
    enum s3_remedy remedy;
    bool other_region_tried;
    bool clock_tried;
    bool keys_tried;
    char named_region[S3_ERROR_REGION_SIZE];
    char hash[SHA256_HEX_SIZE];
    char check[CHECKSUM_BASE64_SIZE]; /* of the body; "": not sent */
    char md5[CHECKSUM_BASE64_SIZE];   /* the same, for servers that know no such checks */
    bool checks_tried;
    int quota_taken; /* for the last repetition */
    char invocation_id[UUID_SIZE];
    char pin[256]; /* ETag that all parts of a download must have; "": none yet */
};

/* What one attempt adds to the request. */
struct additions {
    struct http_header headers[HEADERS_MAX];
    size_t count;
    char range[64];
    char number[48];
};

struct s3_client *s3_client_open(struct s3_service *service, const struct cancel *cancel,
                                 struct error *err)
{
    struct s3_client *client = memory_new(1, sizeof(*client));

    (void)err;
    client->service = service;
    client->cancel = cancel;
    client->signer = s3_signer_new(service);
    client->http = http_open(&service->http);
    return client;
}

struct s3_client *s3_client_open_beside(const struct s3_client *client, struct error *err)
{
    return s3_client_open(client->service, client->cancel, err);
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

/* Of the object or the part of it that is asked for. */
static uint64_t bytes_received(const struct s3_request *request)
{
    if (request->range)
        return request->range->received;
    return request->to ? request->to->size : 0;
}

static void add_range(struct sending *sending, struct additions *additions)
{
    const struct s3_range *range = sending->request->range;

    if (range)
        snprintf(additions->range, sizeof(additions->range), "bytes=%" PRIu64 "-%" PRIu64,
                 range->first + sending->had_bytes, range->first + range->size - 1);
    else if (sending->had_bytes > 0)
        snprintf(additions->range, sizeof(additions->range), "bytes=%" PRIu64 "-",
                 sending->had_bytes);
    if (additions->range[0])
        add_header(additions, "range", additions->range);
}

static const char *check_header(const struct s3_settings *settings)
{
    return settings->checksum == S3_CHECKSUM_CRC64NVME ? "x-amz-checksum-crc64nvme"
                                                       : "x-amz-checksum-crc32";
}

static void add_headers(struct sending *sending, struct additions *additions)
{
    const struct s3_settings *settings = &sending->client->service->settings;
    const struct s3_request *request = sending->request;

    for (size_t i = 0; i < request->header_count; i++)
        add_header(additions, request->headers[i].name, request->headers[i].value);
    if (sending->check[0])
        add_header(additions,
                   request->announces_check ? "x-amz-checksum-algorithm" : check_header(settings),
                   sending->check);
    if (sending->md5[0])
        add_header(additions, "content-md5", sending->md5);
    if (settings->request_payer)
        add_header(additions, "x-amz-request-payer", "requester");
    if (settings->expected_bucket_owner)
        add_header(additions, "x-amz-expected-bucket-owner", settings->expected_bucket_owner);
    /* Two halves of different versions would decode as noise. */
    if (sending->pin[0])
        add_header(additions, "if-match", sending->pin);
    add_range(sending, additions);
    snprintf(additions->number, sizeof(additions->number), "attempt=%u; max=%u", sending->attempt,
             sending->attempts);
    add_header(additions, "amz-sdk-invocation-id", sending->invocation_id);
    add_header(additions, "amz-sdk-request", additions->number);
}

static void log_attempt(const struct sending *sending, int64_t began_ms)
{
    const struct s3_request *request = sending->request;

    log_debug("%s %s s3://%s/%s: %d, %" PRIu64 " bytes up, %" PRIu64 " down, %d ms, attempt %u, "
              "request id %s",
              request->method, request->operation, request->bucket,
              request->key ? request->key : "", sending->response->status, request->body.size,
              sending->response->received, (int)(clock_monotonic_ms() - began_ms), sending->attempt,
              sending->response->request_id[0] ? sending->response->request_id : "-");
}

static bool interrupted(struct error *err)
{
    return error_set(err, ERROR_CANCELLED, "Avmap.Interrupted", "interrupted");
}

/* What can end a wait; clean-up has short waits only, and none may cut it off. */
static const struct cancel *waker(const struct sending *sending)
{
    return sending->request->clean_up_ms ? NULL : sending->client->cancel;
}

static bool wait_for_turn(struct sending *sending, struct error *err)
{
    struct s3_service *service = sending->client->service;
    int64_t wait_ms =
        service->adaptive ? throttle_take(&service->throttle, clock_monotonic_ms()) : 0;

    if (cancel_abandoned(waker(sending)))
        return interrupted(err);
    return wait_ms == 0 || cancel_sleep(waker(sending), wait_ms) || interrupted(err);
}

/* The first response that carries bytes of an unpinned download decides on the version. */
static void pin_version(struct sending *sending)
{
    if (sending->request->to && !sending->pin[0] && sending->response->status == 200)
        memcpy(sending->pin, sending->response->etag, sizeof(sending->pin));
}

static void count(_Atomic uint64_t *counter)
{
    atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

static bool exchange(struct sending *sending, struct error *err)
{
    const struct s3_request *request = sending->request;
    struct s3_request full_request = *request;
    struct additions additions = { .count = 0 };
    struct http_request http_request = {
        .sink = { .taker = request->range ? &request->range->taker : NULL,
                  .spool = request->to,
                  .first = sending->had_bytes,
                  .limit = request->to_limit },
        .cancel = waker(sending),
        .timeout_ms = request->clean_up_ms,
    };
    int64_t began_ms;
    bool ok;

    add_headers(sending, &additions);
    full_request.headers = additions.headers;
    full_request.header_count = additions.count;
    if (!s3_signer_sign(sending->client->signer, &full_request, sending->hash, &http_request, err))
        return false;
    count(&sending->client->service->requests);
    began_ms = clock_monotonic_ms();
    ok = http_exchange(sending->client->http, &http_request, sending->response, err);
    log_attempt(sending, began_ms);
    return ok;
}

/* Without an answer, or with an error of the server's, nobody knows what it has done. */
static void note_doubt(const struct sending *sending, bool answered)
{
    const struct http_response *response = sending->response;

    if (sending->request->unsure && (!answered || response->resent || response->status >= 500))
        *sending->request->unsure = true;
}

static bool attempt(struct sending *sending, struct error *err)
{
    bool answered;

    sending->remedy = S3_REMEDY_NONE;
    sending->clock_offset_ms = atomic_load(&sending->client->service->clock_offset_ms);
    sending->had_bytes = bytes_received(sending->request);
    if (!wait_for_turn(sending, err))
        return false;
    answered = exchange(sending, err);
    note_doubt(sending, answered);
    if (!answered) {
        pin_version(sending);
        return false;
    }
    if (!s3_error_is(sending->response))
        return true;
    sending->remedy =
        s3_error_judge(sending->request, sending->response, sending->named_region, err);
    if (sending->remedy == S3_REMEDY_SLOW_DOWN)
        count(&sending->client->service->throttled);
    return false;
}

static bool use_other_region(struct sending *sending)
{
    if (sending->other_region_tried || !endpoint_is_region(sending->named_region) ||
        strcmp(sending->named_region, s3_signer_region(sending->client->signer)) == 0)
        return false;
    sending->other_region_tried = true;
    s3_service_set_region(sending->client->service, sending->request->bucket,
                          sending->named_region);
    log_debug("bucket %s is in %s", sending->request->bucket, sending->named_region);
    return true;
}

static bool set_clock(struct sending *sending)
{
    struct s3_service *service = sending->client->service;
    int64_t ours_ms = clock_wall_ms();
    int64_t theirs_ms;
    int64_t off_ms;

    if (sending->clock_tried || !clock_parse_http(sending->response->date, &theirs_ms))
        return false;
    off_ms = theirs_ms - ours_ms - sending->clock_offset_ms;
    if (llabs(off_ms) < SKEW_TOLERATED_MS)
        return false;
    sending->clock_tried = true;
    if (atomic_exchange(&service->clock_offset_ms, theirs_ms - ours_ms) == 0)
        log_warning("this machine's clock differs from the server's by %" PRId64
                    " s; signing with the server's",
                    off_ms / 1000);
    return true;
}

static bool get_new_keys(struct sending *sending)
{
    if (sending->keys_tried)
        return false;
    sending->keys_tried = true;
    return s3_signer_reject_keys(sending->client->signer);
}

/*
 * Not all servers take the checksums that AWS has by now; Content-MD5 is older than S3. Google's
 * calls the signature wrong.
 */
static bool send_without_checksum(struct sending *sending)
{
    bool is_aws = endpoint_is_aws(&sending->client->service->endpoint);
    int status = sending->response->status;
    struct error ignored;

    if (!sending->check[0] || (status != 400 && status != 501 && (status != 403 || is_aws)))
        return false;
    sending->check[0] = '\0';
    sending->checks_tried = true;
    if (sending->request->announces_check)
        return true;
    return s3_integrity_md5(&sending->request->body, sending->md5, &ignored);
}

/* Whether the cause was removed, so that the request can go again at once. */
static bool cured(struct sending *sending)
{
    switch (sending->remedy) {
    case S3_REMEDY_OTHER_REGION:
        return use_other_region(sending);
    case S3_REMEDY_SET_CLOCK:
        return set_clock(sending) || send_without_checksum(sending);
    case S3_REMEDY_NEW_KEYS:
        return get_new_keys(sending);
    case S3_REMEDY_NO_CHECKSUM:
        return send_without_checksum(sending);
    default:
        return false;
    }
}

/* Before the attempt to come. Full jitter, so that workers that failed together do not come back
 * together. */
static int64_t draw_delay_ms(const struct sending *sending, const struct error *err)
{
    const struct s3_service *service = sending->client->service;
    int64_t most_ms = service->first_delay_ms;
    uint32_t random = 0;

    for (unsigned i = 2; i < sending->attempt && most_ms < service->longest_delay_ms; i++)
        most_ms *= 2;
    if (most_ms > service->longest_delay_ms)
        most_ms = service->longest_delay_ms;
    if (getrandom(&random, sizeof(random), 0) != sizeof(random))
        random = (uint32_t)clock_monotonic_ms();
    return (int64_t)err->retry_after_ms + most_ms * random / UINT32_MAX;
}

/* A run that is slowed down, or cut off for a while, shall be slow, not fail. */
static bool waits_it_out(const struct sending *sending)
{
    const struct s3_service *service = sending->client->service;

    return service->adaptive && (sending->remedy == S3_REMEDY_SLOW_DOWN ||
                                 retry_quota_is_patient(&service->quota, clock_monotonic_ms()));
}

/* Whether the server may be asked again. */
static bool take_quota(struct sending *sending, const struct error *err)
{
    struct s3_service *service = sending->client->service;

    sending->quota_taken = 0;
    if (sending->request->clean_up_ms || sending->attempt == 0 || waits_it_out(sending))
        return true;
    sending->quota_taken =
        strcmp(err->word, "S3.Timeout") == 0 ? RETRY_QUOTA_TIMEOUT_COST : RETRY_QUOTA_COST;
    if (retry_quota_take(&service->quota, sending->quota_taken))
        return true;
    sending->quota_taken = 0;
    return false;
}

static bool try_again(struct sending *sending, struct error *err)
{
    const struct s3_request *request = sending->request;
    int64_t delay_ms;

    if (cured(sending))
        return true;
    if (err->kind != ERROR_TRANSIENT)
        return false;
    if (sending->remedy == S3_REMEDY_SLOW_DOWN && sending->client->service->adaptive)
        throttle_slow_down(&sending->client->service->throttle, clock_monotonic_ms());
    if (bytes_received(request) >= sending->had_bytes + PROGRESS)
        sending->attempt = 0;
    if (sending->attempt >= sending->attempts || !take_quota(sending, err))
        return false;
    sending->attempt++;
    delay_ms = draw_delay_ms(sending, err);
    log_debug("%s s3://%s/%s: trying again in %" PRId64 " ms: %s", request->operation,
              request->bucket, request->key ? request->key : "", delay_ms, err->text);
    return cancel_sleep(waker(sending), delay_ms) || interrupted(err);
}

/* A reply cut off right after the last byte, as when a final chunk is lost, lacks nothing. */
static bool has_everything(const struct sending *sending, const struct error *failure)
{
    const struct s3_request *request = sending->request;

    if (failure->kind != ERROR_TRANSIENT || bytes_received(request) == 0)
        return false;
    return bytes_received(request) == (request->range ? request->range->size : request->to_limit);
}

/* What goes with the body, the same in all attempts. */
static bool prepare_body(struct sending *sending, struct error *failure)
{
    const struct s3_service *service = sending->client->service;
    const struct s3_request *request = sending->request;
    bool is_long = service->settings.checksum == S3_CHECKSUM_CRC64NVME;

    if (!s3_signer_hash(sending->client->signer, &request->body, sending->hash, failure))
        return false;
    if (request->announces_check && service->sends_checks && !atomic_load(&service->checks_refused))
        snprintf(sending->check, sizeof(sending->check), "%s", is_long ? "CRC64NVME" : "CRC32");
    if (!request->wants_check)
        return true;
    if (service->sends_checks && !atomic_load(&service->checks_refused))
        return is_long ? s3_integrity_crc64nvme(&request->body, sending->check, failure)
                       : s3_integrity_crc32(&request->body, sending->check, failure);
    return !service->sends_checks || s3_integrity_md5(&request->body, sending->md5, failure);
}

static bool send_until_done(struct sending *sending, struct error *failure)
{
    if (!prepare_body(sending, failure))
        return false;
    for (;;) {
        if (attempt(sending, failure) || has_everything(sending, failure))
            return true;
        if (!try_again(sending, failure))
            return false;
        count(&sending->client->service->repeated);
    }
}

bool s3_client_send(struct s3_client *client, const struct s3_request *request,
                    struct http_response *response, struct error *err)
{
    struct sending sending = {
        .client = client,
        .request = request,
        .response = response,
        .attempt = 1,
        .attempts = request->clean_up_ms ? CLEAN_UP_ATTEMPTS : client->service->max_attempts,
    };
    struct error failure; /* of attempts that may be followed by a better one */

    uuid_random(sending.invocation_id);
    snprintf(sending.pin, sizeof(sending.pin), "%s", request->etag ? request->etag : "");
    if (send_until_done(&sending, &failure)) {
        retry_quota_give(&client->service->quota, sending.quota_taken, clock_monotonic_ms());
        if (sending.checks_tried && !atomic_exchange(&client->service->checks_refused, true))
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

    http_response_init(&response, ANSWER_LIMIT);
    ok = s3_client_send(client, &request, &response, err);
    http_response_release(&response);
    return ok;
}
