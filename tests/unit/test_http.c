/* SPDX-License-Identifier: MIT */

#include <dlfcn.h>
#include <netdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "s3/http.h"
#include "s3_fixture.h"

enum { MEMORY = 1024 * 1024 };

/* Of names; curl's own threads ask. */
static _Atomic unsigned look_ups;

/* In place of libc's: every name is this machine's. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *req,
                struct addrinfo **pai)
{
    int (*libc)(const char *, const char *, const struct addrinfo *, struct addrinfo **) = NULL;
    void *symbol = dlsym(RTLD_NEXT, "getaddrinfo");

    memcpy(&libc, &symbol, sizeof(libc));
    atomic_fetch_add(&look_ups, 1);
    return libc(name && strstr(name, ".test") ? "127.0.0.1" : name, service, req, pai);
}

/* A handle, a server that plays the given replies, and an exchange with it. */
struct exchange {
    struct canned_server *server;
    struct http *http;
    struct http_request request;
    struct http_response response;
    struct budget budget;
    struct spool spool;
    struct cancel cancel;
    struct error err;
};

static void open_exchange(struct exchange *exchange, const struct canned_reply *replies,
                          size_t count)
{
    struct http_settings settings = { .connect_timeout_ms = 5000, .read_timeout_ms = 1000 };

    s3_fixture_clear_environment();
    exchange->server = canned_server_start(replies, count);
    exchange->http = http_open(&settings);
    http_response_init(&exchange->response, 1024);
    budget_init(&exchange->budget, MEMORY);
    spool_init(&exchange->spool, &exchange->budget);
    assert_true(cancel_init(&exchange->cancel));
    exchange->request = (struct http_request){
        .method = "GET",
        .url = canned_server_url(exchange->server),
        .sink.limit = UINT64_MAX,
        .cancel = &exchange->cancel,
    };
}

static void close_exchange(struct exchange *exchange)
{
    spool_release(&exchange->spool);
    http_response_release(&exchange->response);
    http_close(exchange->http);
    canned_server_stop(exchange->server);
    cancel_release(&exchange->cancel);
}

static bool perform(struct exchange *exchange)
{
    return http_exchange(exchange->http, &exchange->request, &exchange->response, &exchange->err);
}

static void test_http_exchange_fills_the_response(void **state)
{
    static const struct canned_reply replies[] = {
        { .status = 200,
          .headers = "ETag: \"abc\"\r\nDATE: Fri, 24 May 2013 00:00:00 GMT\r\nRetry-After:  7 \r\n"
                     "x-amz-request-id: R1\r\nx-amz-bucket-region: eu-west-1\r\n",
          .body = "hello" },
    };
    struct exchange exchange;

    (void)state;
    open_exchange(&exchange, replies, COUNT(replies));
    assert_true(perform(&exchange));
    assert_int_equal(exchange.response.status, 200);
    assert_string_equal(exchange.response.body.bytes, "hello");
    assert_int_equal(exchange.response.received, 5);
    assert_int_equal(exchange.response.content_length, 5);
    assert_string_equal(exchange.response.etag, "\"abc\"");
    assert_string_equal(exchange.response.date, "Fri, 24 May 2013 00:00:00 GMT");
    assert_string_equal(exchange.response.retry_after, "7");
    assert_string_equal(exchange.response.request_id, "R1");
    assert_string_equal(exchange.response.bucket_region, "eu-west-1");
    assert_string_equal(exchange.response.content_range, "");
    close_exchange(&exchange);
}

static void test_http_exchange_sends_headers_and_path_untouched(void **state)
{
    static const struct canned_reply replies[] = { { .status = 200 } };
    const struct http_header headers[] = { { "host", "example.test:81" }, { "x-a", "b  c" } };
    struct exchange exchange;
    char *url;

    (void)state;
    open_exchange(&exchange, replies, COUNT(replies));
    url = memory_format("%s/b//../%%2e/./a%%0Ab?uploads=", canned_server_url(exchange.server));
    exchange.request.url = url;
    exchange.request.headers = headers;
    exchange.request.header_count = COUNT(headers);
    assert_true(perform(&exchange));
    assert_true(canned_server_saw(exchange.server, 0, "GET /b//../%2e/./a%0Ab?uploads= HTTP/1.1"));
    assert_true(canned_server_saw(exchange.server, 0, "\r\nHost: example.test:81\r\n"));
    assert_true(canned_server_saw(exchange.server, 0, "\r\nx-a: b  c\r\n"));
    assert_true(canned_server_saw(exchange.server, 0, "\r\nUser-Agent: avmap/"));
    free(url);
    close_exchange(&exchange);
}

static void test_http_exchange_refuses_a_header_that_would_begin_another(void **state)
{
    static const struct canned_reply replies[] = { { .status = 200 } };
    static const struct http_header headers[] = { { "if-match", "\"x\"\r\nevil: 1" } };
    struct exchange exchange;

    (void)state;
    open_exchange(&exchange, replies, COUNT(replies));
    exchange.request.headers = headers;
    exchange.request.header_count = 1;
    assert_false(perform(&exchange));
    assert_string_equal(exchange.err.word, "S3.InvalidHeader");
    assert_int_equal(canned_server_requests(exchange.server), 0);
    close_exchange(&exchange);
}

static void test_http_exchange_alternates_methods_on_one_handle(void **state)
{
    static const struct canned_reply replies[] = { { .status = 200, .body = "ok" } };
    static const char *const methods[] = { "PUT", "HEAD", "POST", "DELETE", "GET", "PUT" };
    struct exchange exchange;

    (void)state;
    open_exchange(&exchange, replies, COUNT(replies));
    exchange.request.body = (struct http_body){ .bytes = "body!", .size = 5 };
    for (size_t i = 0; i < COUNT(methods); i++) {
        bool uploads = methods[i][0] == 'P';
        char *begin = memory_format("%s / HTTP/1.1\r\n", methods[i]);
        const char *seen;

        print_message("%s\n", methods[i]);
        exchange.request.method = methods[i];
        assert_true(perform(&exchange));
        seen = canned_server_request(exchange.server, i);
        assert_memory_equal(seen, begin, strlen(begin));
        assert_int_equal(strstr(seen, "\r\nContent-Length: 5\r\n") != NULL, uploads);
        assert_string_equal(strstr(seen, "\r\n\r\n") + 4, uploads ? "body!" : "");
        assert_null(strstr(seen, "Expect:"));
        assert_string_equal(exchange.response.body.bytes, methods[i][0] == 'H' ? "" : "ok");
        free(begin);
    }
    close_exchange(&exchange);
}

static void test_http_exchange_sends_an_empty_body_with_its_length(void **state)
{
    static const struct canned_reply replies[] = { { .status = 200 } };
    struct exchange exchange;

    (void)state;
    open_exchange(&exchange, replies, COUNT(replies));
    exchange.request.method = "POST";
    assert_true(perform(&exchange));
    assert_true(canned_server_saw(exchange.server, 0, "\r\nContent-Length: 0\r\n"));
    close_exchange(&exchange);
}

static void send_range_of_spool(uint64_t budget_bytes)
{
    static const struct canned_reply replies[] = { { .status = 200 } };
    struct exchange exchange;

    open_exchange(&exchange, replies, COUNT(replies));
    budget_init(&exchange.budget, budget_bytes);
    assert_true(spool_write(&exchange.spool, 0, "0123456789", 10, &exchange.err));
    assert_int_equal(exchange.spool.file >= 0, budget_bytes == 0);
    exchange.request.method = "PUT";
    exchange.request.body = (struct http_body){ .spool = &exchange.spool, .offset = 3, .size = 4 };
    assert_true(perform(&exchange));
    assert_true(canned_server_saw(exchange.server, 0, "\r\n\r\n3456"));
    close_exchange(&exchange);
}

static void test_http_exchange_sends_a_range_of_a_spool(void **state)
{
    (void)state;
    send_range_of_spool(MEMORY);
    send_range_of_spool(0);
}

static void test_http_exchange_fills_the_spool_only_when_it_succeeds(void **state)
{
    static const struct canned_reply replies[] = {
        { .status = 404, .body = "<Error/>" },
        { .status = 200, .body = "object" },
    };
    struct exchange exchange;

    (void)state;
    open_exchange(&exchange, replies, COUNT(replies));
    exchange.request.sink.spool = &exchange.spool;
    assert_true(perform(&exchange));
    assert_int_equal(exchange.spool.size, 0);
    assert_string_equal(exchange.response.body.bytes, "<Error/>");
    assert_true(perform(&exchange));
    assert_int_equal(exchange.spool.size, 6);
    assert_memory_equal(spool_bytes(&exchange.spool), "object", 6);
    assert_string_equal(exchange.response.body.bytes, "");
    close_exchange(&exchange);
}

static void test_http_exchange_puts_a_range_where_it_belongs(void **state)
{
    static const struct canned_reply replies[] = {
        { .status = 206, .headers = "Content-Range: bytes 3-5/6\r\n", .body = "def" },
        { .status = 206, .headers = "Content-Range: bytes 30-32/60\r\n", .body = "xyz" },
        { .status = 206, .body = "xyz" },
    };
    struct exchange exchange;

    (void)state;
    open_exchange(&exchange, replies, COUNT(replies));
    assert_true(spool_write(&exchange.spool, 0, "abc", 3, &exchange.err));
    exchange.request.sink.spool = &exchange.spool;
    exchange.request.sink.first = 3;
    assert_true(perform(&exchange));
    assert_memory_equal(spool_bytes(&exchange.spool), "abcdef", 6);
    for (int i = 0; i < 2; i++) {
        assert_false(perform(&exchange));
        assert_string_equal(exchange.err.word, "S3.InvalidResponse");
        assert_memory_equal(spool_bytes(&exchange.spool), "abcdef", 6);
    }
    close_exchange(&exchange);
}

static void test_http_exchange_stops_at_the_limit_of_the_spool(void **state)
{
    static const struct canned_reply replies[] = { { .status = 200, .body = "0123456789" } };
    struct exchange exchange;

    (void)state;
    open_exchange(&exchange, replies, COUNT(replies));
    exchange.request.sink.spool = &exchange.spool;
    exchange.request.sink.limit = 9;
    assert_false(perform(&exchange));
    assert_int_equal(exchange.err.kind, ERROR_OBJECT);
    assert_string_equal(exchange.err.word, "S3.SizeMismatch");
    close_exchange(&exchange);
}

static void test_http_exchange_bounds_bodies(void **state)
{
    static char large[4096];
    const struct canned_reply replies[] = {
        { .status = 500, .body = large, .body_size = sizeof(large) },
        { .status = 200, .body = large, .body_size = sizeof(large) },
    };
    struct exchange exchange;

    (void)state;
    memset(large, 'x', sizeof(large));
    open_exchange(&exchange, replies, COUNT(replies));
    assert_true(perform(&exchange)); /* an error's body is only cut */
    assert_int_equal(exchange.response.status, 500);
    assert_int_equal(exchange.response.body.size, 1024);
    assert_false(perform(&exchange));
    assert_string_equal(exchange.err.word, "S3.InvalidResponse");
    close_exchange(&exchange);
}

static void test_http_exchange_bounds_headers(void **state)
{
    struct canned_reply reply = { .status = 200 };
    struct exchange exchange;
    struct buffer headers;

    (void)state;
    buffer_init(&headers, MEMORY);
    buffer_append_text(&headers, "ETag: \"");
    for (int i = 0; i < 1000; i++)
        buffer_append_text(&headers, "e");
    buffer_append_text(&headers, "\"\r\n");
    reply.headers = headers.bytes;
    open_exchange(&exchange, &reply, 1);
    assert_true(perform(&exchange));
    assert_string_equal(exchange.response.etag, "");
    close_exchange(&exchange);

    for (int i = 0; i < 6000; i++)
        buffer_append_text(&headers, "x-filler: 0123456789012345678901234567890123456789\r\n");
    reply.headers = headers.bytes;
    open_exchange(&exchange, &reply, 1);
    assert_false(perform(&exchange));
    close_exchange(&exchange);
    buffer_release(&headers);
}

static void expect_transient(const struct canned_reply *reply, const char *word)
{
    struct exchange exchange;

    open_exchange(&exchange, reply, 1);
    assert_false(perform(&exchange));
    assert_int_equal(exchange.err.kind, ERROR_TRANSIENT);
    assert_string_equal(exchange.err.word, word);
    close_exchange(&exchange);
}

/* One that curl itself finds too long, which is no lack of memory of ours. */
static void test_http_exchange_bounds_one_header(void **state)
{
    struct canned_reply reply = { .status = 200 };
    struct buffer header;

    (void)state;
    buffer_init(&header, MEMORY);
    buffer_append_text(&header, "x-filler: ");
    for (int i = 0; i < 20000; i++)
        buffer_append_text(&header, "0123456789");
    buffer_append_text(&header, "\r\n");
    reply.headers = header.bytes;
    expect_transient(&reply, "S3.InvalidResponse");
    buffer_release(&header);
}

static void test_http_exchange_calls_a_broken_connection_transient(void **state)
{
    static const struct canned_reply silence = { .status = 0 };
    static const struct canned_reply short_body = { .status = 200, .body = "0123456789", .cut = 4 };
    static const struct canned_reply garbage = { .status = 200, .bare = true, .body = "hello" };
    static const struct canned_reply stall = { .status = 200, .delay_ms = 3500 };

    (void)state;
    expect_transient(&silence, "S3.ConnectionFailed");
    expect_transient(&short_body, "S3.ConnectionFailed");
    expect_transient(&garbage, "S3.ConnectionFailed");
    expect_transient(&stall, "S3.Timeout");
}

static bool take_any(struct http_taker *taker, const struct http_response *response,
                     const char *bytes, size_t size, struct error *err)
{
    (void)taker;
    (void)response;
    (void)bytes;
    (void)size;
    (void)err;
    return true;
}

static void test_http_exchange_gives_up_an_object_that_trickles_in(void **state)
{
    static const struct canned_reply trickle = { .status = 200,
                                                 .body = "0123456789012345",
                                                 .trickle_ms = 250 };
    struct http_taker taker = { take_any };
    struct exchange exchange;

    (void)state;
    open_exchange(&exchange, &trickle, 1);
    exchange.request.sink.taker = &taker;
    assert_false(perform(&exchange));
    assert_string_equal(exchange.err.word, "S3.Timeout");
    exchange.request.sink.taker = NULL;
    exchange.request.sink.spool = &exchange.spool;
    assert_false(perform(&exchange));
    assert_string_equal(exchange.err.word, "S3.Timeout");
    close_exchange(&exchange);
}

/* S3 has many addresses, and one that failed is not asked again over the same line. */
static void test_http_exchange_takes_a_new_connection_after_a_failure(void **state)
{
    static const struct canned_reply replies[] = {
        { .status = 200 },
        { .status = 200, .body = "0123456789", .cut = 4 },
        { .status = 200 },
    };
    struct exchange exchange;

    (void)state;
    open_exchange(&exchange, replies, COUNT(replies));
    assert_true(perform(&exchange));
    assert_false(perform(&exchange));
    assert_true(perform(&exchange));
    assert_int_equal(canned_server_connections(exchange.server), 2);
    close_exchange(&exchange);
}

static void test_http_exchange_says_when_curl_sent_the_request_twice(void **state)
{
    static const struct canned_reply replies[] = {
        { .status = 200 }, { .status = 0 }, { .status = 200 }, { .status = 0 }, { .status = 200 },
    };
    struct exchange exchange;

    (void)state;
    open_exchange(&exchange, replies, COUNT(replies));
    exchange.request.method = "POST";
    assert_true(perform(&exchange));
    assert_false(exchange.response.resent);
    for (uint64_t size = 0; size <= 5; size += 5) {
        exchange.request.body = (struct http_body){ .bytes = "body!", .size = size };
        assert_true(perform(&exchange));
        assert_true(exchange.response.resent);
    }
    assert_int_equal(canned_server_requests(exchange.server), 5);
    close_exchange(&exchange);
}

static void test_http_exchange_looks_the_name_up_again_after_a_failure(void **state)
{
    static const struct canned_reply replies[] = {
        { .status = 200 }, { .status = 200, .headers = "Connection: close\r\n" },
        { .status = 200 }, { .status = 200, .body = "0123456789", .cut = 4 },
        { .status = 200 },
    };
    struct exchange exchange;
    char *url;

    (void)state;
    open_exchange(&exchange, replies, COUNT(replies));
    url = memory_format("http://s3.test%s", strrchr(exchange.request.url, ':'));
    exchange.request.url = url;
    atomic_store(&look_ups, 0);
    for (unsigned i = 0; i < 3; i++)
        assert_true(perform(&exchange));
    assert_int_equal(canned_server_connections(exchange.server), 2);
    assert_int_equal(look_ups, 1); /* a connection that was closed in order means nothing */
    assert_false(perform(&exchange));
    assert_int_equal(look_ups, 1);
    assert_true(perform(&exchange));
    assert_int_equal(look_ups, 2);
    free(url);
    close_exchange(&exchange);
}

/* Keys and tokens in headers are for whom they were sent to. */
static void test_http_exchange_follows_no_redirect(void **state)
{
    static const struct canned_reply elsewhere = { .status = 200 };
    struct canned_server *other = canned_server_start(&elsewhere, 1);
    char *header = memory_format("Location: %s/x\r\n", canned_server_url(other));
    struct canned_reply replies[] = {
        { .status = 301, .headers = header },
        { .status = 302, .headers = header },
        { .status = 307, .headers = header },
        { .status = 308, .headers = header },
    };
    struct exchange exchange;

    (void)state;
    open_exchange(&exchange, replies, COUNT(replies));
    for (size_t i = 0; i < COUNT(replies); i++) {
        assert_true(perform(&exchange));
        assert_int_equal(exchange.response.status, replies[i].status);
    }
    close_exchange(&exchange);
    assert_int_equal(canned_server_requests(other), 0);
    canned_server_stop(other);
    free(header);
}

static void test_http_exchange_keeps_its_connection_open(void **state)
{
    static const struct canned_reply replies[] = { { .status = 200 } };
    struct exchange exchange;

    (void)state;
    open_exchange(&exchange, replies, COUNT(replies));
    for (int i = 0; i < 10; i++)
        assert_true(perform(&exchange));
    assert_int_equal(canned_server_connections(exchange.server), 1);
    close_exchange(&exchange);
}

static void test_http_exchange_ends_when_abandoned(void **state)
{
    static const struct canned_reply replies[] = { { .status = 200, .delay_ms = 3000 } };
    struct exchange exchange;
    int64_t began_ms;

    (void)state;
    open_exchange(&exchange, replies, COUNT(replies));
    cancel_stop(&exchange.cancel, 200);
    began_ms = clock_monotonic_ms();
    assert_false(perform(&exchange));
    assert_int_equal(exchange.err.kind, ERROR_CANCELLED);
    assert_true(clock_monotonic_ms() - began_ms < 2500);
    close_exchange(&exchange);
}

static void test_http_exchange_does_not_mask_an_error_of_the_spool(void **state)
{
    static const struct canned_reply replies[] = { { .status = 200, .body = "object" } };
    struct exchange exchange;

    (void)state;
    open_exchange(&exchange, replies, COUNT(replies));
    budget_init(&exchange.budget, 0); /* no memory: the spool wants a file, and there is no place */
    setenv("TMPDIR", "/nowhere/at/all", 1);
    exchange.request.sink.spool = &exchange.spool;
    assert_false(perform(&exchange));
    unsetenv("TMPDIR");
    assert_int_equal(exchange.err.kind, ERROR_LOCAL);
    close_exchange(&exchange);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_http_exchange_fills_the_response),
        cmocka_unit_test(test_http_exchange_sends_headers_and_path_untouched),
        cmocka_unit_test(test_http_exchange_refuses_a_header_that_would_begin_another),
        cmocka_unit_test(test_http_exchange_alternates_methods_on_one_handle),
        cmocka_unit_test(test_http_exchange_sends_an_empty_body_with_its_length),
        cmocka_unit_test(test_http_exchange_sends_a_range_of_a_spool),
        cmocka_unit_test(test_http_exchange_fills_the_spool_only_when_it_succeeds),
        cmocka_unit_test(test_http_exchange_puts_a_range_where_it_belongs),
        cmocka_unit_test(test_http_exchange_stops_at_the_limit_of_the_spool),
        cmocka_unit_test(test_http_exchange_bounds_bodies),
        cmocka_unit_test(test_http_exchange_bounds_headers),
        cmocka_unit_test(test_http_exchange_bounds_one_header),
        cmocka_unit_test(test_http_exchange_calls_a_broken_connection_transient),
        cmocka_unit_test(test_http_exchange_gives_up_an_object_that_trickles_in),
        cmocka_unit_test(test_http_exchange_takes_a_new_connection_after_a_failure),
        cmocka_unit_test(test_http_exchange_says_when_curl_sent_the_request_twice),
        cmocka_unit_test(test_http_exchange_looks_the_name_up_again_after_a_failure),
        cmocka_unit_test(test_http_exchange_follows_no_redirect),
        cmocka_unit_test(test_http_exchange_keeps_its_connection_open),
        cmocka_unit_test(test_http_exchange_ends_when_abandoned),
        cmocka_unit_test(test_http_exchange_does_not_mask_an_error_of_the_spool),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
