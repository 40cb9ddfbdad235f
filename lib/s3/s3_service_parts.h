/* SPDX-License-Identifier: MIT */

/*
 * What is inside a struct s3_service, for the rest of lib/s3.
 * Threads: safe.
 */

#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "s3/credentials.h"
#include "s3/endpoint.h"
#include "s3/http.h"
#include "s3/retry_quota.h"
#include "s3/s3_profiles.h"
#include "s3/s3_regions.h"
#include "s3/s3_upload_notes.h"
#include "s3/server_clock.h"
#include "s3/throttle.h"

struct s3_service {
    /* Immutable. */
    struct s3_settings settings; /* what it points to is borrowed */
    struct endpoint endpoint;
    struct s3_profiles *profiles;    /* owned */
    char *profile;                   /* owned */
    struct credentials *credentials; /* owned; NULL: requests are not signed */
    struct http_settings http;
    char *ca_bundle; /* owned; what http borrows */
    char region[S3_REGION_SIZE];
    bool sends_checks; /* AWS_REQUEST_CHECKSUM_CALCULATION */
    bool wants_checks; /* AWS_RESPONSE_CHECKSUM_VALIDATION */
    bool region_known; /* somebody said so; else it is a guess */
    unsigned max_attempts;
    int64_t first_delay_ms;
    int64_t longest_delay_ms;
    uint64_t part_size;
    uint64_t single_put_max; /* what is larger goes in parts */

    struct s3_upload_notes notes; /* all zero: nobody wants to know */
    bool adaptive;                /* the throttle counts */
    struct throttle throttle;
    struct retry_quota quota;
    struct server_clock clock;
    _Atomic bool checks_refused; /* the server knows no x-amz-checksum- */
    _Atomic bool ranges_refused; /* it answers with whole objects */
    _Atomic uint64_t requests;   /* sent so far, for s3_service_traffic */
    _Atomic uint64_t repeated;
    _Atomic uint64_t throttled;
    struct s3_regions regions; /* of buckets elsewhere */
};
