/* SPDX-License-Identifier: MIT */

/*
 * What a refusal by S3 means: which kind of error it is, and whether something can be done about
 * it at once.
 * Threads: safe.
 */

#pragma once

#include "base/error.h"
#include "s3/http.h"
#include "s3/s3_request.h"

enum { S3_ERROR_REGION_SIZE = 64 };

enum s3_remedy {
    S3_REMEDY_NONE,
    S3_REMEDY_SLOW_DOWN,    /* tell everyone to send less */
    S3_REMEDY_OTHER_REGION, /* ask in the region that the response names */
    S3_REMEDY_SET_CLOCK,    /* sign with the server's time if ours is off */
    S3_REMEDY_NEW_KEYS,     /* the session token has ended */
    S3_REMEDY_NO_CHECKSUM,  /* the server may not know the header of the checksum */
};

/* Whether response is a refusal: an error status, or an error document after a 200. */
bool s3_error_is(const struct http_response *response);

/*
 * How long to wait before the next attempt when that is delay_ms without a word of the server's:
 * Retry-After comes on top, while x-amz-retry-after takes its place within limits.
 */
int64_t s3_error_wait_ms(const struct http_response *response, const struct error *err,
                         int64_t delay_ms);

/* Whether a refusal with this code, also by AWS's other services, may not come again. */
bool s3_error_is_passing(const char *code);

/*
 * Fills *err from a refusal, and region (S3_ERROR_REGION_SIZE bytes) with the bucket's region when
 * the response names one, else "".
 */
enum s3_remedy s3_error_judge(const struct s3_request *request,
                              const struct http_response *response, char *region,
                              struct error *err);
