/* SPDX-License-Identifier: MIT */

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "s3/http.h"
#include "s3/s3_request.h"
#include "s3/s3_service_parts.h"
#include "s3_fixture.h"

static const struct s3_request head_object = {
    .operation = "HeadObject", .method = "HEAD", .bucket = "bucket", .key = "a b"
};
static const struct s3_request get_policy = {
    .operation = "GetBucketPolicy", .method = "GET", .bucket = "bucket", .query = "policy="
};

static bool send_once(struct s3_fixture *fixture, const struct s3_request *request)
{
    struct http_response response;
    bool ok;

    http_response_init(&response, 65536);
    ok = s3_client_send(fixture->client, request, &response, &fixture->err);
    http_response_release(&response);
    return ok;
}

#define ERROR_BODY(code)                                                                           \
    "<?xml version=\"1.0\"?><Error><Code>" code "</Code><Message>M</Message></Error>"

static void test_s3_client_send_signs_what_it_sends(void **state)
{
    static const struct canned_reply replies[] = { { .status = 200 } };
    struct s3_fixture fixture;

    (void)state;
    s3_fixture_open(&fixture, replies, COUNT(replies));
    assert_true(send_once(&fixture, &head_object));
    assert_true(canned_server_saw(fixture.server, 0, "HEAD /bucket/a%20b HTTP/1.1\r\n"));
    assert_true(canned_server_saw(fixture.server, 0,
                                  "\r\nauthorization: AWS4-HMAC-SHA256 "
                                  "Credential=AKIDEXAMPLE/"));
    assert_true(canned_server_saw(fixture.server, 0,
                                  "SignedHeaders=amz-sdk-invocation-id;amz-sdk-request;host;"
                                  "x-amz-content-sha256;x-amz-date, Signature="));
    assert_true(canned_server_saw(fixture.server, 0, "\r\namz-sdk-request: attempt=1; max=4\r\n"));
    assert_true(canned_server_saw(fixture.server, 0, "\r\nUser-Agent: avmap/"));
    s3_fixture_close(&fixture);
}

static void test_s3_client_send_repeats_what_is_transient(void **state)
{
    static const struct canned_reply replies[] = {
        { .status = 0 },
        { .status = 503, .body = ERROR_BODY("SlowDown") },
        { .status = 200, .body = ERROR_BODY("InternalError") },
        { .status = 200, .body = "{}" },
    };
    struct s3_fixture fixture;

    (void)state;
    s3_fixture_open(&fixture, replies, COUNT(replies));
    assert_true(send_once(&fixture, &get_policy));
    assert_int_equal(canned_server_requests(fixture.server), 4);
    assert_true(canned_server_saw(fixture.server, 3, "attempt=4; max=4"));
    s3_fixture_close(&fixture);
}

static void test_s3_client_send_gives_up_after_the_last_attempt(void **state)
{
    static const struct canned_reply replies[] = {
        { .status = 500,
          .headers = "x-amz-request-id: R9\r\n",
          .body = ERROR_BODY("InternalError") },
    };
    struct s3_fixture fixture;

    (void)state;
    s3_fixture_open(&fixture, replies, COUNT(replies));
    assert_false(send_once(&fixture, &get_policy));
    assert_int_equal(canned_server_requests(fixture.server), 4);
    assert_int_equal(fixture.err.kind, ERROR_TRANSIENT);
    assert_string_equal(fixture.err.word, "S3.InternalError");
    assert_string_equal(fixture.err.text,
                        "GetBucketPolicy s3://bucket/: 500 InternalError: M (request id R9)");
    s3_fixture_close(&fixture);
}

/* How many requests are sent when others have used up what there is for repetitions. */
static size_t requests_without_tokens(const struct canned_reply *first, int64_t since_success_ms)
{
    const struct canned_reply replies[] = { *first, { .status = 200, .body = "{}" } };
    struct s3_fixture fixture;
    size_t requests;

    s3_fixture_open(&fixture, replies, COUNT(replies));
    atomic_store(&fixture.service->quota.tokens, 0);
    atomic_store(&fixture.service->quota.probed_ms, 0);
    atomic_store(&fixture.service->quota.succeeded_ms, clock_monotonic_ms() - since_success_ms);
    (void)send_once(&fixture, &get_policy);
    requests = canned_server_requests(fixture.server);
    s3_fixture_close(&fixture);
    return requests;
}

static void test_s3_client_send_waits_for_the_end_of_an_outage(void **state)
{
    static const struct canned_reply error = { .status = 500, .body = ERROR_BODY("InternalError") };
    static const struct canned_reply slow = { .status = 503, .body = ERROR_BODY("SlowDown") };

    (void)state;
    assert_int_equal(requests_without_tokens(&error, 0), 2);
    assert_int_equal(requests_without_tokens(&slow, 0), 2);
    assert_int_equal(requests_without_tokens(&error, 60000), 1);
    assert_int_equal(requests_without_tokens(&slow, 60000), 1);
}

static void test_s3_client_send_repeats_again_with_a_new_quota(void **state)
{
    static const struct canned_reply replies[] = {
        { .status = 500, .body = ERROR_BODY("InternalError") },
        { .status = 500, .body = ERROR_BODY("InternalError") },
        { .status = 200, .body = "{}" },
    };
    struct s3_fixture fixture;

    (void)state;
    s3_fixture_open(&fixture, replies, COUNT(replies));
    fixture.service->adaptive = false;
    atomic_store(&fixture.service->quota.tokens, 0);
    assert_false(send_once(&fixture, &get_policy));
    s3_service_renew_quota(fixture.service);
    assert_true(send_once(&fixture, &get_policy));
    s3_fixture_close(&fixture);
}

static void test_s3_client_send_does_not_repeat_what_is_final(void **state)
{
    static const struct canned_reply replies[] = {
        { .status = 403, .body = ERROR_BODY("AccessDenied") },
    };
    struct s3_fixture fixture;

    (void)state;
    s3_fixture_open(&fixture, replies, COUNT(replies));
    assert_false(send_once(&fixture, &get_policy));
    assert_int_equal(canned_server_requests(fixture.server), 1);
    assert_int_equal(fixture.err.kind, ERROR_DENIED);
    s3_fixture_close(&fixture);
}

static void test_s3_client_send_leaves_the_error_alone_when_it_succeeds(void **state)
{
    static const struct canned_reply replies[] = { { .status = 500 }, { .status = 200 } };
    struct s3_fixture fixture;

    (void)state;
    s3_fixture_open(&fixture, replies, COUNT(replies));
    fixture.err = (struct error){ .kind = ERROR_MEDIA };
    assert_true(send_once(&fixture, &get_policy));
    assert_int_equal(fixture.err.kind, ERROR_MEDIA);
    s3_fixture_close(&fixture);
}

static void test_s3_client_send_waits_as_long_as_the_server_wishes(void **state)
{
    static const struct canned_reply replies[] = {
        { .status = 503, .headers = "Retry-After: 1\r\n" },
        { .status = 200 },
    };
    struct s3_fixture fixture;
    int64_t began_ms = clock_monotonic_ms();

    (void)state;
    s3_fixture_open(&fixture, replies, COUNT(replies));
    assert_true(send_once(&fixture, &get_policy));
    assert_true(clock_monotonic_ms() - began_ms >= 1000);
    s3_fixture_close(&fixture);
}

static void test_s3_client_send_stops_waiting_when_the_user_stops(void **state)
{
    static const struct canned_reply replies[] = {
        { .status = 503, .headers = "Retry-After: 100\r\n" },
    };
    struct s3_fixture fixture;
    int64_t began_ms = clock_monotonic_ms();

    (void)state;
    s3_fixture_open(&fixture, replies, COUNT(replies));
    cancel_stop(&fixture.cancel, 60000);
    assert_false(send_once(&fixture, &get_policy));
    assert_int_equal(fixture.err.kind, ERROR_CANCELLED);
    assert_true(clock_monotonic_ms() - began_ms < 60000);
    s3_fixture_close(&fixture);
}

static void test_s3_client_send_sends_nothing_once_abandoned(void **state)
{
    static const struct canned_reply replies[] = { { .status = 200 } };
    struct s3_fixture fixture;

    (void)state;
    s3_fixture_open(&fixture, replies, COUNT(replies));
    cancel_stop(&fixture.cancel, 0);
    assert_false(send_once(&fixture, &get_policy));
    assert_int_equal(fixture.err.kind, ERROR_CANCELLED);
    assert_int_equal(canned_server_requests(fixture.server), 0);
    s3_fixture_close(&fixture);
}

static void test_s3_client_send_follows_a_bucket_to_its_region(void **state)
{
    static const struct canned_reply replies[] = {
        { .status = 301, .headers = "x-amz-bucket-region: eu-west-1\r\n" },
        { .status = 200 },
    };
    struct s3_fixture fixture;

    (void)state;
    s3_fixture_open(&fixture, replies, COUNT(replies));
    assert_true(send_once(&fixture, &head_object));
    assert_true(canned_server_saw(fixture.server, 0, "/us-east-1/s3/aws4_request"));
    assert_true(canned_server_saw(fixture.server, 1, "/eu-west-1/s3/aws4_request"));
    assert_true(send_once(&fixture, &get_policy)); /* remembered */
    assert_true(canned_server_saw(fixture.server, 2, "/eu-west-1/s3/aws4_request"));
    s3_fixture_close(&fixture);
}

static void test_s3_client_send_does_not_chase_regions(void **state)
{
    static const struct canned_reply replies[] = {
        { .status = 301, .headers = "x-amz-bucket-region: eu-west-1\r\n" },
        { .status = 301, .headers = "x-amz-bucket-region: eu-west-2\r\n" },
    };
    static const struct canned_reply hostile = { .status = 301,
                                                 .headers =
                                                     "x-amz-bucket-region: evil.example/\r\n" };
    struct s3_fixture fixture;

    (void)state;
    s3_fixture_open(&fixture, replies, COUNT(replies));
    assert_false(send_once(&fixture, &head_object));
    assert_int_equal(canned_server_requests(fixture.server), 2);
    s3_fixture_close(&fixture);
    s3_fixture_open(&fixture, &hostile, 1);
    assert_false(send_once(&fixture, &head_object));
    assert_int_equal(canned_server_requests(fixture.server), 1);
    s3_fixture_close(&fixture);
}

static void test_s3_client_send_signs_with_the_servers_time_when_ours_is_off(void **state)
{
    static const struct canned_reply replies[] = {
        { .status = 403,
          .headers = "Date: Fri, 24 May 2013 00:00:00 GMT\r\n",
          .body = ERROR_BODY("RequestTimeTooSkewed") },
        { .status = 200 },
    };
    struct s3_fixture fixture;

    (void)state;
    s3_fixture_open(&fixture, replies, COUNT(replies));
    assert_true(send_once(&fixture, &get_policy));
    assert_true(canned_server_saw(fixture.server, 1, "\r\nx-amz-date: 20130524T0000"));
    assert_true(send_once(&fixture, &get_policy)); /* remembered */
    assert_true(canned_server_saw(fixture.server, 2, "\r\nx-amz-date: 20130524T0000"));
    s3_fixture_close(&fixture);
}

static void test_s3_client_send_does_not_blame_the_clock_for_a_wrong_secret(void **state)
{
    struct canned_reply reply = { .status = 403, .body = ERROR_BODY("SignatureDoesNotMatch") };
    struct s3_fixture fixture;

    (void)state;
    s3_fixture_open(&fixture, &reply, 1);
    assert_false(send_once(&fixture, &get_policy));
    assert_int_equal(fixture.err.kind, ERROR_AUTH);
    assert_int_equal(canned_server_requests(fixture.server), 1);
    s3_fixture_close(&fixture);
}

static void test_s3_client_send_asks_for_new_keys_once_when_the_token_has_ended(void **state)
{
    static const struct canned_reply replies[] = {
        { .status = 400, .body = ERROR_BODY("ExpiredToken") },
        { .status = 200 },
    };
    struct s3_fixture fixture;

    (void)state;
    s3_fixture_open(&fixture, replies, COUNT(replies));
    setenv("AWS_ACCESS_KEY_ID", "AKIDRENEWED", 1);
    setenv("AWS_SESSION_TOKEN", "renewed-token", 1);
    assert_true(send_once(&fixture, &get_policy));
    assert_true(canned_server_saw(fixture.server, 1, "Credential=AKIDRENEWED/"));
    assert_true(canned_server_saw(fixture.server, 1, "\r\nx-amz-security-token: renewed-token"));
    s3_fixture_close(&fixture);

    s3_fixture_open(&fixture, replies, 1);
    assert_false(send_once(&fixture, &get_policy));
    assert_int_equal(fixture.err.kind, ERROR_AUTH);
    assert_int_equal(canned_server_requests(fixture.server), 2);
    s3_fixture_close(&fixture);
}

static void test_s3_client_send_signs_the_hash_of_a_body_without_tls(void **state)
{
    static const struct canned_reply replies[] = { { .status = 200 } };
    struct s3_request request = {
        .operation = "PutObject", .method = "PUT", .bucket = "bucket", .key = "k"
    };
    struct s3_fixture fixture;

    (void)state;
    for (unsigned in_file = 0; in_file < 2; in_file++) {
        s3_fixture_open(&fixture, replies, COUNT(replies));
        if (in_file)
            budget_init(&fixture.budget, 0);
        assert_true(spool_write(&fixture.spool, 0, "-abc", 4, &fixture.err));
        request.body = (struct http_body){ .spool = &fixture.spool, .offset = 1, .size = 3 };
        assert_true(send_once(&fixture, &request));
        assert_true(canned_server_saw(
            fixture.server, 0,
            "\r\nx-amz-content-sha256: "
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\r\n"));
        s3_fixture_close(&fixture);
    }
}

static void test_s3_client_send_is_anonymous_when_asked(void **state)
{
    static const struct canned_reply replies[] = { { .status = 200 } };
    struct s3_settings settings = { .no_sign_request = true };
    struct canned_server *server = canned_server_start(replies, COUNT(replies));
    struct s3_service *service;
    struct s3_client *client;
    struct error err;

    (void)state;
    s3_fixture_clear_environment();
    settings.endpoint_url = canned_server_url(server);
    service = s3_service_new(&settings, NULL, &err);
    assert_non_null(service);
    client = s3_client_open(service, NULL);
    assert_true(s3_client_check_bucket(client, "bucket", &err));
    assert_true(canned_server_saw(server, 0, "HEAD /bucket HTTP/1.1\r\n"));
    assert_false(canned_server_saw(server, 0, "authorization"));
    s3_client_close(client);
    s3_service_free(service);
    canned_server_stop(server);
}

static void test_s3_client_check_bucket_tells_denied_from_missing(void **state)
{
    static const struct canned_reply replies[] = { { .status = 403 }, { .status = 404 } };
    struct s3_fixture fixture;

    (void)state;
    s3_fixture_open(&fixture, replies, COUNT(replies));
    assert_false(s3_client_check_bucket(fixture.client, "bucket", &fixture.err));
    assert_int_equal(fixture.err.kind, ERROR_DENIED);
    assert_false(s3_client_check_bucket(fixture.client, "bucket", &fixture.err));
    assert_int_equal(fixture.err.kind, ERROR_NOT_FOUND);
    assert_string_equal(fixture.err.word, "S3.NoSuchBucket");
    s3_fixture_close(&fixture);
}

static void *work(void *arg)
{
    struct s3_service *service = arg;
    struct error err;
    struct s3_client *client = s3_client_open(service, NULL);
    uintptr_t done = 0;

    for (int i = 0; i < 20; i++)
        done += s3_client_check_bucket(client, "bucket", &err);
    s3_client_close(client);
    return (void *)done;
}

static void test_s3_client_of_many_threads_share_a_service(void **state)
{
    static const struct canned_reply replies[] = {
        { .status = 503, .headers = "x-amz-bucket-region: eu-west-1\r\n" },
        { .status = 301, .headers = "x-amz-bucket-region: eu-west-1\r\n" },
        { .status = 503, .headers = "x-amz-bucket-region: eu-west-1\r\n" },
        { .status = 200 },
    };
    struct s3_fixture fixture;
    pthread_t threads[4];

    (void)state;
    s3_fixture_open(&fixture, replies, COUNT(replies));
    for (size_t i = 0; i < COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, fixture.service), 0);
    for (size_t i = 0; i < COUNT(threads); i++) {
        void *done;

        assert_int_equal(pthread_join(threads[i], &done), 0);
        assert_int_equal((uintptr_t)done, 20);
    }
    s3_fixture_close(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_s3_client_send_signs_what_it_sends),
        cmocka_unit_test(test_s3_client_send_repeats_what_is_transient),
        cmocka_unit_test(test_s3_client_send_gives_up_after_the_last_attempt),
        cmocka_unit_test(test_s3_client_send_waits_for_the_end_of_an_outage),
        cmocka_unit_test(test_s3_client_send_repeats_again_with_a_new_quota),
        cmocka_unit_test(test_s3_client_send_does_not_repeat_what_is_final),
        cmocka_unit_test(test_s3_client_send_leaves_the_error_alone_when_it_succeeds),
        cmocka_unit_test(test_s3_client_send_waits_as_long_as_the_server_wishes),
        cmocka_unit_test(test_s3_client_send_stops_waiting_when_the_user_stops),
        cmocka_unit_test(test_s3_client_send_sends_nothing_once_abandoned),
        cmocka_unit_test(test_s3_client_send_follows_a_bucket_to_its_region),
        cmocka_unit_test(test_s3_client_send_does_not_chase_regions),
        cmocka_unit_test(test_s3_client_send_signs_with_the_servers_time_when_ours_is_off),
        cmocka_unit_test(test_s3_client_send_does_not_blame_the_clock_for_a_wrong_secret),
        cmocka_unit_test(test_s3_client_send_asks_for_new_keys_once_when_the_token_has_ended),
        cmocka_unit_test(test_s3_client_send_signs_the_hash_of_a_body_without_tls),
        cmocka_unit_test(test_s3_client_send_is_anonymous_when_asked),
        cmocka_unit_test(test_s3_client_check_bucket_tells_denied_from_missing),
        cmocka_unit_test(test_s3_client_of_many_threads_share_a_service),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
