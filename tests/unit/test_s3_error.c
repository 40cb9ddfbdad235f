/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "s3/s3_error.h"

static const struct s3_request get = {
    .operation = "GetObject", .bucket = "b", .key = "k", .to = (struct spool *)&get
};
static const struct s3_request head_bucket = { .operation = "HeadBucket", .bucket = "b" };

struct judgement {
    enum s3_remedy remedy;
    struct error err;
    char region[S3_ERROR_REGION_SIZE];
};

static struct judgement judge(const struct s3_request *request, struct http_response *response,
                              const char *body)
{
    struct judgement judgement;

    buffer_init(&response->body, 65536);
    buffer_append_text(&response->body, body);
    assert_true(s3_error_is(response));
    judgement.remedy = s3_error_judge(request, response, judgement.region, &judgement.err);
    buffer_release(&response->body);
    return judgement;
}

static struct judgement judge_code(int status, const char *code)
{
    struct http_response response = { .status = status };
    char body[256];

    snprintf(body, sizeof(body), "<Error><Code>%s</Code><Message/></Error>", code);
    return judge(&get, &response, body);
}

/* clang-format off */
static const struct {
    int status;
    const char *code;
    enum error_kind kind;
    enum s3_remedy remedy;
} codes[] = {
    { 500, "InternalError", ERROR_TRANSIENT, S3_REMEDY_NONE },
    { 200, "InternalError", ERROR_TRANSIENT, S3_REMEDY_NONE },
    { 409, "OperationAborted", ERROR_TRANSIENT, S3_REMEDY_NONE },
    { 409, "ConditionalRequestConflict", ERROR_TRANSIENT, S3_REMEDY_NONE },
    { 400, "RequestTimeout", ERROR_TRANSIENT, S3_REMEDY_NONE },
    { 400, "IncompleteBody", ERROR_TRANSIENT, S3_REMEDY_NONE },
    { 400, "BadDigest", ERROR_TRANSIENT, S3_REMEDY_NONE },
    { 503, "SlowDown", ERROR_TRANSIENT, S3_REMEDY_SLOW_DOWN },
    { 200, "SlowDown", ERROR_TRANSIENT, S3_REMEDY_SLOW_DOWN },
    { 503, "ServiceUnavailable", ERROR_TRANSIENT, S3_REMEDY_SLOW_DOWN },
    { 429, "TooManyRequestsException", ERROR_TRANSIENT, S3_REMEDY_SLOW_DOWN },
    { 400, "ProvisionedThroughputExceededException", ERROR_TRANSIENT, S3_REMEDY_SLOW_DOWN },
    { 400, "LimitExceededException", ERROR_TRANSIENT, S3_REMEDY_SLOW_DOWN },
    { 301, "PermanentRedirect", ERROR_OBJECT, S3_REMEDY_OTHER_REGION },
    { 307, "TemporaryRedirect", ERROR_TRANSIENT, S3_REMEDY_OTHER_REGION },
    { 400, "AuthorizationHeaderMalformed", ERROR_AUTH, S3_REMEDY_OTHER_REGION },
    { 403, "RequestTimeTooSkewed", ERROR_AUTH, S3_REMEDY_SET_CLOCK },
    { 403, "SignatureDoesNotMatch", ERROR_AUTH, S3_REMEDY_SET_CLOCK },
    { 400, "ExpiredToken", ERROR_AUTH, S3_REMEDY_NEW_KEYS },
    { 400, "InvalidToken", ERROR_AUTH, S3_REMEDY_NONE },
    { 403, "InvalidAccessKeyId", ERROR_AUTH, S3_REMEDY_NONE },
    { 403, "AccessDenied", ERROR_DENIED, S3_REMEDY_NONE },
    { 200, "AccessDenied", ERROR_DENIED, S3_REMEDY_NONE },
    { 403, "SomethingNew", ERROR_DENIED, S3_REMEDY_NONE },
    { 404, "NoSuchKey", ERROR_NOT_FOUND, S3_REMEDY_NONE },
    { 404, "NoSuchBucket", ERROR_NOT_FOUND, S3_REMEDY_NONE },
    { 404, "NoSuchUpload", ERROR_NOT_FOUND, S3_REMEDY_NONE },
    { 412, "PreconditionFailed", ERROR_OBJECT, S3_REMEDY_NONE },
    { 403, "InvalidObjectState", ERROR_OBJECT, S3_REMEDY_NONE },
    { 416, "InvalidRange", ERROR_OBJECT, S3_REMEDY_NONE },
    { 400, "KeyTooLongError", ERROR_OBJECT, S3_REMEDY_OTHER_REGION },
    { 405, "MethodNotAllowed", ERROR_OBJECT, S3_REMEDY_NONE },
    { 501, "NotImplemented", ERROR_OBJECT, S3_REMEDY_NO_CHECKSUM },
    { 500, "SomethingNew", ERROR_TRANSIENT, S3_REMEDY_NONE },
    { 502, "SomethingNew", ERROR_TRANSIENT, S3_REMEDY_NONE },
    { 504, "SomethingNew", ERROR_TRANSIENT, S3_REMEDY_NONE },
};

/* clang-format on */

static void test_s3_error_judge_knows_the_codes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        struct judgement judgement = judge_code(codes[i].status, codes[i].code);
        char word[80];

        print_message("%d %s\n", codes[i].status, codes[i].code);
        snprintf(word, sizeof(word), "S3.%s", codes[i].code);
        assert_string_equal(judgement.err.word, word);
        assert_int_equal(judgement.err.kind, codes[i].kind);
        assert_int_equal(judgement.remedy, codes[i].remedy);
    }
}

static void test_s3_error_judge_names_errors_without_a_document(void **state)
{
    static const struct {
        const struct s3_request *request;
        const char *word;
        int status;
        enum error_kind kind;
    } cases[] = {
        { &get, "S3.NoSuchKey", 404, ERROR_NOT_FOUND },
        { &head_bucket, "S3.NoSuchBucket", 404, ERROR_NOT_FOUND },
        { &head_bucket, "S3.AccessDenied", 403, ERROR_DENIED },
        { &get, "S3.PreconditionFailed", 412, ERROR_OBJECT },
        { &get, "S3.Http503", 503, ERROR_TRANSIENT },
        { &get, "S3.Http429", 429, ERROR_TRANSIENT },
        { &get, "S3.Http401", 401, ERROR_AUTH },
        { &get, "S3.Http418", 418, ERROR_OBJECT },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct http_response response = { .status = cases[i].status };
        struct judgement judgement =
            judge(cases[i].request, &response, "<html>something else</html>");

        print_message("%s\n", cases[i].word);
        assert_string_equal(judgement.err.word, cases[i].word);
        assert_int_equal(judgement.err.kind, cases[i].kind);
        assert_int_equal(judgement.err.http_status, cases[i].status);
    }
}

static void test_s3_error_judge_does_not_make_words_of_odd_codes(void **state)
{
    (void)state;
    assert_string_equal(judge_code(403, "rm -rf\n").err.word, "S3.AccessDenied");
    assert_string_equal(judge_code(500, "").err.word, "S3.Http500");
}

static void test_s3_error_judge_says_what_happened(void **state)
{
    struct http_response response = { .status = 412, .request_id = "R1" };
    struct judgement judgement =
        judge(&get, &response,
              "<Error><Code>PreconditionFailed</Code><Message>At least one</Message></Error>");

    (void)state;
    assert_string_equal(judgement.err.text,
                        "412 PreconditionFailed: At least one: the object changed since it was "
                        "listed (request id R1)");
    assert_non_null(strstr(judge_code(403, "InvalidObjectState").err.text, "restore it first"));
}

static void test_s3_error_judge_finds_the_region(void **state)
{
    struct http_response from_header = { .status = 301, .bucket_region = "eu-west-1" };
    struct http_response from_body = { .status = 400 };

    (void)state;
    assert_string_equal(judge(&get, &from_header, "").region, "eu-west-1");
    assert_string_equal(judge(&get, &from_body,
                              "<Error><Code>AuthorizationHeaderMalformed</Code>"
                              "<Region>ap-south-1</Region></Error>")
                            .region,
                        "ap-south-1");
}

static void test_s3_error_judge_advises_a_region_where_none_is_named(void **state)
{
    struct http_response response = { .status = 301 };

    (void)state;
    assert_string_equal(judge(&head_bucket, &response, "").err.text,
                        "301 Http301: the bucket is in another region: set --region");
}

static void test_s3_error_judge_reads_retry_after(void **state)
{
    static const struct {
        const char *retry_after;
        unsigned ms;
    } cases[] = {
        { "", 0 },
        { "3", 3000 },
        { "-3", 0 },
        { "soon", 0 },
        { "9999999", 0 },
        { "Fri, 24 May 2013 00:00:05 GMT", 5000 },
        { "Fri, 24 May 2013 09:00:00 GMT", 0 },
        { "Thu, 23 May 2013 00:00:00 GMT", 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct http_response response = { .status = 503, .date = "Fri, 24 May 2013 00:00:00 GMT" };

        print_message("%s\n", cases[i].retry_after);
        snprintf(response.retry_after, sizeof(response.retry_after), "%s", cases[i].retry_after);
        assert_int_equal(judge(&get, &response, "").err.retry_after_ms, cases[i].ms);
    }
}

static void test_s3_error_wait_is_what_amazon_wishes_within_limits(void **state)
{
    static const struct {
        const char *amz_retry_after;
        int64_t ms;
    } cases[] = {
        { "", 1700 },     { "0", 1000 },     { "900", 1000 },        { "2500", 2500 },
        { "6000", 6000 }, { "60000", 6000 }, { "4000000000", 1700 }, { "-1", 1700 },
    };
    const struct error err = { .retry_after_ms = 700 };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct http_response response = { .status = 503 };

        snprintf(response.amz_retry_after, sizeof(response.amz_retry_after), "%s",
                 cases[i].amz_retry_after);
        assert_int_equal(s3_error_wait_ms(&response, &err, 1000), cases[i].ms);
    }
}

static void test_s3_error_is_sees_through_a_200(void **state)
{
    struct http_response response = { .status = 200 };

    (void)state;
    buffer_init(&response.body, 1024);
    assert_false(s3_error_is(&response));
    buffer_append_text(&response.body, "<CompleteMultipartUploadResult/>");
    assert_false(s3_error_is(&response));
    buffer_clear(&response.body);
    buffer_append_text(&response.body,
                       "<?xml version=\"1.0\"?>\n\n  <Error><Code>X</Code></Error>");
    assert_true(s3_error_is(&response));
    buffer_release(&response.body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_s3_error_judge_knows_the_codes),
        cmocka_unit_test(test_s3_error_judge_names_errors_without_a_document),
        cmocka_unit_test(test_s3_error_judge_does_not_make_words_of_odd_codes),
        cmocka_unit_test(test_s3_error_judge_says_what_happened),
        cmocka_unit_test(test_s3_error_judge_finds_the_region),
        cmocka_unit_test(test_s3_error_judge_advises_a_region_where_none_is_named),
        cmocka_unit_test(test_s3_error_judge_reads_retry_after),
        cmocka_unit_test(test_s3_error_wait_is_what_amazon_wishes_within_limits),
        cmocka_unit_test(test_s3_error_is_sees_through_a_200),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
