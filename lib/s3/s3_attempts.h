/* SPDX-License-Identifier: MIT */

/*
 * One request on its way through its attempts, and whether there is another one: what stood in the
 * way can be removed, or may pass.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/cancel.h"
#include "base/checksum.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/uuid.h"
#include "s3/s3_error.h"
#include "s3/s3_request.h"
#include "s3/s3_service_parts.h"
#include "s3/s3_signer.h"

/* All borrowed. */
struct s3_attempts {
    struct s3_service *service;
    struct s3_signer *signer;
    struct http *http;
    const struct cancel *cancel; /* what can end a wait; NULL: nothing */
    const struct s3_request *request;
    struct http_response *response;
    unsigned number; /* from 1; progress in a download starts it again */
    unsigned most;
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
    int quota_taken;     /* for the last repetition */
    int64_t troubled_ms; /* clock_monotonic_ms of the first failure since there was progress */
    char invocation_id[UUID_SIZE];
    char pin[256]; /* ETag that all parts of a download must have; "": none yet */
};

/* Bytes that are there of the object or the part of it that is asked for. */
uint64_t s3_attempts_received(const struct s3_attempts *attempts);

/* Before each attempt: waits until the pace allows it. Fails with ERROR_CANCELLED. */
bool s3_attempts_wait_for_turn(const struct s3_attempts *attempts, struct error *err);

/*
 * After a failed attempt, *err: whether there shall be another one. Waits before it; false with
 * ERROR_CANCELLED when that was interrupted.
 */
bool s3_attempts_again(struct s3_attempts *attempts, struct error *err);

/* Fails so. */
bool s3_attempts_interrupted(struct error *err);
