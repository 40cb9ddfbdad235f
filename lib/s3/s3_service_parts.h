/* SPDX-License-Identifier: MIT */

/*
 * What is inside a struct s3_service, for the rest of lib/s3.
 * Threads: safe.
 */

#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "s3/credentials.h"
#include "s3/endpoint.h"
#include "s3/http.h"
#include "s3/retry_quota.h"
#include "s3/s3_profiles.h"
#include "s3/s3_upload_notes.h"
#include "s3/server_clock.h"
#include "s3/throttle.h"

enum { S3_REGION_SIZE = 64 };

struct s3_bucket_region {
    char *bucket; /* owned */
    char region[S3_REGION_SIZE];
};

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
    pthread_mutex_t lock;

    /* Guarded by lock. */
    struct s3_bucket_region *elsewhere; /* owned; buckets found in a region not ours */
    size_t elsewhere_count;
};

/* The region of the bucket as far as known. Returns region. */
const char *s3_service_region_of(struct s3_service *service, const char *bucket,
                                 char region[S3_REGION_SIZE]);

/* The server says that the bucket is in region, which must pass endpoint_is_region. */
void s3_service_set_region(struct s3_service *service, const char *bucket, const char *region);
