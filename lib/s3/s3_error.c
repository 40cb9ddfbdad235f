/* SPDX-License-Identifier: MIT */

/* From statuses and error codes to what the caller should do. */

#include "s3/s3_error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/number.h"
#include "s3/s3_xml.h"

enum {
    LONGEST_WISH_MS = 300 * 1000,
    LONGEST_MORE_MS = 5 * 1000, /* for x-amz-retry-after, as botocore limits it */
    LARGEST_ERROR = 64 * 1024,
};

struct meaning {
    const char *code;
    enum error_kind kind;
    enum s3_remedy remedy;
    const char *advice; /* NULL: none */
};

static const char changed[] = "the object changed since it was listed";
static const char archived[] = "the object is archived: restore it first";
static const char wrong_region[] = "the bucket is in another region: set --region";
static const char skewed[] = "check the clock of this machine";

/* Kept by kind. What is transient agrees with botocore's standard retry mode. */
/* clang-format off */
static const struct meaning by_code[] = {
    { "InternalError",                  ERROR_TRANSIENT, S3_REMEDY_NONE,         NULL },
    { "OperationAborted",               ERROR_TRANSIENT, S3_REMEDY_NONE,         NULL },
    { "ConditionalRequestConflict",     ERROR_TRANSIENT, S3_REMEDY_NONE,         NULL },
    { "RequestTimeout",                 ERROR_TRANSIENT, S3_REMEDY_NONE,         NULL },
    { "RequestTimeoutException",        ERROR_TRANSIENT, S3_REMEDY_NONE,         NULL },
    { "PriorRequestNotComplete",        ERROR_TRANSIENT, S3_REMEDY_NONE,         NULL },
    { "IncompleteBody",                 ERROR_TRANSIENT, S3_REMEDY_NONE,         NULL },
    { "BadDigest",                      ERROR_TRANSIENT, S3_REMEDY_NONE,         NULL },
    { "XAmzContentSHA256Mismatch",      ERROR_TRANSIENT, S3_REMEDY_NONE,         NULL },
    { "IDPCommunicationError",          ERROR_TRANSIENT, S3_REMEDY_NONE,         NULL }, /* STS */
    { "SlowDown",                       ERROR_TRANSIENT, S3_REMEDY_SLOW_DOWN,    NULL },
    { "ServiceUnavailable",             ERROR_TRANSIENT, S3_REMEDY_SLOW_DOWN,    NULL },
    { "Throttling",                     ERROR_TRANSIENT, S3_REMEDY_SLOW_DOWN,    NULL },
    { "ThrottlingException",            ERROR_TRANSIENT, S3_REMEDY_SLOW_DOWN,    NULL },
    { "ThrottledException",             ERROR_TRANSIENT, S3_REMEDY_SLOW_DOWN,    NULL },
    { "RequestThrottled",               ERROR_TRANSIENT, S3_REMEDY_SLOW_DOWN,    NULL },
    { "RequestThrottledException",      ERROR_TRANSIENT, S3_REMEDY_SLOW_DOWN,    NULL },
    { "TooManyRequestsException",       ERROR_TRANSIENT, S3_REMEDY_SLOW_DOWN,    NULL },
    { "RequestLimitExceeded",           ERROR_TRANSIENT, S3_REMEDY_SLOW_DOWN,    NULL },
    { "BandwidthLimitExceeded",         ERROR_TRANSIENT, S3_REMEDY_SLOW_DOWN,    NULL },
    { "LimitExceededException",         ERROR_TRANSIENT, S3_REMEDY_SLOW_DOWN,    NULL },
    { "TransactionInProgressException", ERROR_TRANSIENT, S3_REMEDY_SLOW_DOWN,    NULL },
    { "EC2ThrottledException",          ERROR_TRANSIENT, S3_REMEDY_SLOW_DOWN,    NULL },
    { "ProvisionedThroughputExceededException", ERROR_TRANSIENT, S3_REMEDY_SLOW_DOWN, NULL },

    { "PermanentRedirect",              ERROR_OBJECT,    S3_REMEDY_OTHER_REGION, wrong_region },
    { "AuthorizationHeaderMalformed",   ERROR_AUTH,      S3_REMEDY_OTHER_REGION, wrong_region },
    { "IllegalLocationConstraintException", ERROR_OBJECT, S3_REMEDY_OTHER_REGION, wrong_region },
    { "TemporaryRedirect",              ERROR_TRANSIENT, S3_REMEDY_OTHER_REGION, NULL },

    { "RequestTimeTooSkewed",           ERROR_AUTH,      S3_REMEDY_SET_CLOCK,    skewed },
    { "RequestExpired",                 ERROR_AUTH,      S3_REMEDY_SET_CLOCK,    skewed },
    { "RequestInTheFuture",             ERROR_AUTH,      S3_REMEDY_SET_CLOCK,    skewed },
    { "SignatureDoesNotMatch",          ERROR_AUTH,      S3_REMEDY_SET_CLOCK,    NULL },
    { "InvalidSignatureException",      ERROR_AUTH,      S3_REMEDY_SET_CLOCK,    NULL },
    { "AuthFailure",                    ERROR_AUTH,      S3_REMEDY_SET_CLOCK,    NULL },
    { "ExpiredToken",                   ERROR_AUTH,      S3_REMEDY_NEW_KEYS,     NULL },
    { "ExpiredTokenException",          ERROR_AUTH,      S3_REMEDY_NEW_KEYS,     NULL },
    { "TokenRefreshRequired",           ERROR_AUTH,      S3_REMEDY_NEW_KEYS,     NULL },
    { "InvalidToken",                   ERROR_AUTH,      S3_REMEDY_NONE,         NULL },
    { "InvalidAccessKeyId",             ERROR_AUTH,      S3_REMEDY_NONE,         NULL },
    { "InvalidSecurity",                ERROR_AUTH,      S3_REMEDY_NONE,         NULL },
    { "NotSignedUp",                    ERROR_AUTH,      S3_REMEDY_NONE,         NULL },
    { "AccountProblem",                 ERROR_AUTH,      S3_REMEDY_NONE,         NULL },

    { "NotImplemented",                 ERROR_OBJECT,    S3_REMEDY_NO_CHECKSUM,  NULL },
    { "InvalidArgument",                ERROR_OBJECT,    S3_REMEDY_NO_CHECKSUM,  NULL },
    { "InvalidRequest",                 ERROR_OBJECT,    S3_REMEDY_NO_CHECKSUM,  NULL },
    { "UnsupportedArgument",            ERROR_OBJECT,    S3_REMEDY_NO_CHECKSUM,  NULL },

    { "AccessDenied",                   ERROR_DENIED,    S3_REMEDY_NONE,         NULL },
    { "AllAccessDisabled",              ERROR_DENIED,    S3_REMEDY_NONE,         NULL },
    { "NoSuchKey",                      ERROR_NOT_FOUND, S3_REMEDY_NONE,         NULL },
    { "NoSuchBucket",                   ERROR_NOT_FOUND, S3_REMEDY_NONE,         NULL },
    { "NoSuchUpload",                   ERROR_NOT_FOUND, S3_REMEDY_NONE,         NULL },
    { "PreconditionFailed",             ERROR_OBJECT,    S3_REMEDY_NONE,         NULL },
    { "InvalidObjectState",             ERROR_OBJECT,    S3_REMEDY_NONE,         archived },
};

/* clang-format on */

static struct meaning meaning_of_status(int status)
{
    struct meaning meaning = { .kind = ERROR_OBJECT };

    switch (status) {
    case 301:
        meaning.advice = wrong_region;
        meaning.remedy = S3_REMEDY_OTHER_REGION;
        break;
    case 302:
    case 307:
    case 400:
        /* Responses to HEAD have no body, and a 400 may mean another region there. */
        meaning.remedy = S3_REMEDY_OTHER_REGION;
        break;
    case 401:
        meaning.kind = ERROR_AUTH;
        break;
    case 403:
        meaning.kind = ERROR_DENIED;
        break;
    case 404:
        meaning.kind = ERROR_NOT_FOUND;
        break;
    case 429:
    case 503:
        meaning.remedy = S3_REMEDY_SLOW_DOWN;
        meaning.kind = ERROR_TRANSIENT;
        break;
    case 408:
    case 500:
    case 502:
    case 504:
        meaning.kind = ERROR_TRANSIENT;
        break;
    default:
        break;
    }
    return meaning;
}

static const struct meaning *meaning_of_code(const char *code)
{
    for (size_t i = 0; i < sizeof(by_code) / sizeof(by_code[0]); i++) {
        if (strcmp(by_code[i].code, code) == 0)
            return &by_code[i];
    }
    return NULL;
}

static struct meaning find_meaning(const char *code, int status)
{
    const struct meaning *found = meaning_of_code(code);

    return found ? *found : meaning_of_status(status);
}

bool s3_error_is_passing(const char *code)
{
    const struct meaning *found = meaning_of_code(code);

    return found && found->kind == ERROR_TRANSIENT;
}

bool s3_error_is(const struct http_response *response)
{
    struct s3_xml_error error;

    if (response->status < 200 || response->status >= 300)
        return true;
    /* CompleteMultipartUpload begins its response before it knows how it will end. */
    return response->body.size > 0 && response->body.size <= LARGEST_ERROR &&
           s3_xml_read_error(response->body.bytes, response->body.size, &error);
}

/* What S3 would have said in a body, had there been one. */
static const char *usual_code(const struct s3_request *request, int status)
{
    switch (status) {
    case 403:
        return "AccessDenied";
    case 404:
        return request->key ? "NoSuchKey" : "NoSuchBucket";
    case 412:
        return "PreconditionFailed";
    default:
        return NULL;
    }
}

/* The code becomes an error word, a name in records, so it has to look like one. */
static bool is_code(const char *text)
{
    return *text && !text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                       "0123456789")];
}

static void fill_gaps(const struct s3_request *request, const struct http_response *response,
                      struct s3_xml_error *error)
{
    const char *usual = usual_code(request, response->status);

    if (!is_code(error->code) && usual)
        snprintf(error->code, sizeof(error->code), "%s", usual);
    else if (!is_code(error->code))
        snprintf(error->code, sizeof(error->code), "Http%d", response->status);
    if (!error->request_id[0])
        memcpy(error->request_id, response->request_id, sizeof(error->request_id));
}

/* A number of seconds or a date (RFC 9110 10.2.3). */
static unsigned retry_after_ms(const struct http_response *response)
{
    uint64_t seconds;
    int64_t then_ms;
    int64_t now_ms;

    if (number_parse_count(response->retry_after, LONGEST_WISH_MS / 1000, &seconds))
        return (unsigned)seconds * 1000;
    if (!clock_parse_http(response->retry_after, &then_ms))
        return 0;
    if (!clock_parse_http(response->date, &now_ms))
        now_ms = clock_wall_ms();
    if (then_ms <= now_ms || then_ms - now_ms > LONGEST_WISH_MS)
        return 0;
    return (unsigned)(then_ms - now_ms);
}

int64_t s3_error_wait_ms(const struct http_response *response, const struct error *err,
                         int64_t delay_ms)
{
    uint64_t wish_ms;

    if (!number_parse_count(response->amz_retry_after, INT32_MAX, &wish_ms))
        return delay_ms + err->retry_after_ms;
    if ((int64_t)wish_ms > delay_ms + LONGEST_MORE_MS)
        return delay_ms + LONGEST_MORE_MS;
    return (int64_t)wish_ms > delay_ms ? (int64_t)wish_ms : delay_ms;
}

static void describe(const struct s3_request *request, const struct s3_xml_error *error,
                     const struct meaning *meaning, int status, struct error *err)
{
    const char *advice =
        status == 412 && (request->to || request->range) ? changed : meaning->advice;
    char word[sizeof(err->word)];
    struct buffer text;

    buffer_init(&text, sizeof(err->text));
    buffer_append_format(&text, "%d %s", status, error->code);
    if (error->message[0])
        buffer_append_format(&text, ": %s", error->message);
    if (advice)
        buffer_append_format(&text, ": %s", advice);
    if (error->request_id[0])
        buffer_append_format(&text, " (request id %s)", error->request_id);
    snprintf(word, sizeof(word), "S3.%.60s", error->code);
    error_set(err, meaning->kind, word, "%s", text.bytes);
    buffer_release(&text);
}

enum s3_remedy s3_error_judge(const struct s3_request *request,
                              const struct http_response *response, char *region, struct error *err)
{
    struct s3_xml_error error;
    struct meaning meaning;

    s3_xml_read_error(response->body.bytes, response->body.size, &error);
    fill_gaps(request, response, &error);
    meaning = find_meaning(error.code, response->status);
    describe(request, &error, &meaning, response->status, err);
    err->retry_after_ms = retry_after_ms(response);
    err->http_status = response->status;
    snprintf(region, S3_ERROR_REGION_SIZE, "%s",
             response->bucket_region[0] ? response->bucket_region : error.region);
    return meaning.remedy;
}
