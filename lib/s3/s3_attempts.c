/* SPDX-License-Identifier: MIT */

/* Decides on the next attempt. */

#include "s3/s3_attempts.h"

#include <inttypes.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/log.h"
#include "s3/s3_integrity.h"
#include "s3/s3_range.h"

enum {
    PATIENCE_MS = 90 * 1000, /* with one request; outlasts an outage that the quota waits for */
    LOOK_MS = 100,
    PROGRESS = 64 * 1024, /* so many more bytes of a download are worth a new count of attempts */
};

uint64_t s3_attempts_received(const struct s3_attempts *attempts)
{
    const struct s3_request *request = attempts->request;

    if (request->range)
        return request->range->received;
    return request->to ? request->to->size : 0;
}

bool s3_attempts_interrupted(struct error *err)
{
    return error_set(err, ERROR_CANCELLED, "Avmap.Interrupted", "interrupted");
}

bool s3_attempts_wait_for_turn(const struct s3_attempts *attempts, struct error *err)
{
    struct throttle *throttle = &attempts->service->throttle;
    double place;
    int64_t wait_ms;

    if (cancel_abandoned(attempts->cancel))
        return s3_attempts_interrupted(err);
    if (!attempts->service->adaptive || attempts->request->clean_up_ms)
        return true;
    place = throttle_join(throttle, clock_monotonic_ms());
    while ((wait_ms = throttle_wait_ms(throttle, place, clock_monotonic_ms())) > 0) {
        if (!cancel_sleep(attempts->cancel, wait_ms)) {
            throttle_leave(throttle);
            return s3_attempts_interrupted(err);
        }
    }
    return true;
}

static bool use_other_region(struct s3_attempts *attempts)
{
    if (attempts->other_region_tried || !endpoint_is_region(attempts->named_region) ||
        strcmp(attempts->named_region, s3_signer_region(attempts->signer)) == 0)
        return false;
    attempts->other_region_tried = true;
    s3_regions_set(&attempts->service->regions, attempts->request->bucket, attempts->named_region);
    log_debug("bucket %s is in %s", attempts->request->bucket, attempts->named_region);
    return true;
}

static bool set_clock(struct s3_attempts *attempts)
{
    if (attempts->clock_tried ||
        !server_clock_set(&attempts->service->clock, attempts->clock_offset_ms,
                          attempts->response->date))
        return false;
    attempts->clock_tried = true;
    return true;
}

static bool get_new_keys(struct s3_attempts *attempts)
{
    if (attempts->keys_tried)
        return false;
    attempts->keys_tried = true;
    return s3_signer_reject_keys(attempts->signer);
}

/*
 * Not all servers take the checksums that AWS has by now; Content-MD5 is older than S3. Google's
 * calls the signature wrong.
 */
static bool send_without_checksum(struct s3_attempts *attempts)
{
    bool is_aws = endpoint_is_aws(&attempts->service->endpoint);
    int status = attempts->response->status;
    struct s3_integrity_sums sums = { .md5 = attempts->md5 };
    struct error ignored;

    if (!attempts->check[0] || (status != 400 && status != 501 && (status != 403 || is_aws)))
        return false;
    attempts->check[0] = '\0';
    attempts->checks_tried = true;
    if (attempts->request->announces_check)
        return true;
    return s3_integrity_sum(&attempts->request->body, &sums, &ignored);
}

/* Whether the cause was removed, so that the request can go again at once. */
static bool cured(struct s3_attempts *attempts)
{
    switch (attempts->remedy) {
    case S3_REMEDY_OTHER_REGION:
        return use_other_region(attempts);
    case S3_REMEDY_SET_CLOCK:
        return set_clock(attempts) || send_without_checksum(attempts);
    case S3_REMEDY_NEW_KEYS:
        return get_new_keys(attempts);
    case S3_REMEDY_NO_CHECKSUM:
        return send_without_checksum(attempts);
    default:
        return false;
    }
}

/* Before the attempt to come. Full jitter, so that workers that failed together do not come back
 * together. */
static int64_t draw_delay_ms(const struct s3_attempts *attempts, const struct error *err)
{
    const struct s3_service *service = attempts->service;
    int64_t most_ms = service->first_delay_ms;
    uint32_t random = 0;

    for (unsigned i = 2; i < attempts->number && most_ms < service->longest_delay_ms; i++)
        most_ms *= 2;
    if (most_ms > service->longest_delay_ms)
        most_ms = service->longest_delay_ms;
    if (getrandom(&random, sizeof(random), 0) != sizeof(random))
        random = (uint32_t)clock_monotonic_ms();
    return s3_error_wait_ms(attempts->response, err, most_ms * random / UINT32_MAX);
}

/* A run that is slowed down, or cut off for a while, shall be slow, not fail. */
static bool is_patient(const struct s3_service *service)
{
    return service->adaptive && retry_quota_is_patient(&service->quota, clock_monotonic_ms());
}

/* Whether the server may be asked again; may wait for that. */
static bool take_quota(struct s3_attempts *attempts, struct error *err)
{
    struct retry_quota *quota = &attempts->service->quota;
    int cost = strcmp(err->word, "S3.Timeout") == 0 ? RETRY_QUOTA_TIMEOUT_COST : RETRY_QUOTA_COST;

    attempts->quota_taken = 0;
    if (attempts->request->clean_up_ms || attempts->number == 0)
        return true;
    if (attempts->remedy == S3_REMEDY_SLOW_DOWN && is_patient(attempts->service))
        return true; /* the throttle holds these down */
    while (!retry_quota_take(quota, cost)) {
        if (!is_patient(attempts->service) ||
            clock_monotonic_ms() - attempts->troubled_ms >= PATIENCE_MS)
            return false;
        if (retry_quota_probe(quota, clock_monotonic_ms()))
            break;
        if (!cancel_sleep(attempts->cancel, LOOK_MS))
            return s3_attempts_interrupted(err);
    }
    attempts->quota_taken = cost; /* a probe that succeeds gives others a turn, too */
    return true;
}

bool s3_attempts_again(struct s3_attempts *attempts, struct error *err)
{
    const struct s3_request *request = attempts->request;
    int64_t now_ms = clock_monotonic_ms();
    int64_t delay_ms;

    if (cured(attempts))
        return true;
    if (err->kind != ERROR_TRANSIENT)
        return false;
    if (attempts->remedy == S3_REMEDY_SLOW_DOWN && attempts->service->adaptive)
        throttle_slow_down(&attempts->service->throttle, now_ms);
    if (s3_attempts_received(attempts) >= attempts->had_bytes + PROGRESS)
        attempts->number = 0;
    if (attempts->number <= 1)
        attempts->troubled_ms = now_ms;
    if (attempts->number >= attempts->most || !take_quota(attempts, err))
        return false;
    attempts->number++;
    /* Who has waited for the quota has waited. */
    delay_ms = draw_delay_ms(attempts, err) - (clock_monotonic_ms() - now_ms);
    if (delay_ms < 0)
        delay_ms = 0;
    log_debug("%s s3://%s/%s: trying again in %" PRId64 " ms: %s", request->operation,
              request->bucket, request->key ? request->key : "", delay_ms, err->text);
    return cancel_sleep(attempts->cancel, delay_ms) || s3_attempts_interrupted(err);
}
