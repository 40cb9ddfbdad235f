/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "s3/s3_service_parts.h"
#include "s3/s3_stream.h"
#include "s3_fixture.h"

enum { PART = 1024 };

#define BEGUN                                                                                      \
    {                                                                                              \
        .status = 200, .body = "<InitiateMultipartUploadResult><UploadId>U+1</UploadId>"           \
                               "</InitiateMultipartUploadResult>"                                  \
    }
#define PART_SENT                                                                                  \
    {                                                                                              \
        .status = 200, .headers = "ETag: \"9a0364b9e99bb480dd25e1f0284c8555\"\r\n"                 \
    }
#define COMPLETED                                                                                  \
    {                                                                                              \
        .status = 200, .body = "<CompleteMultipartUploadResult><ETag>c-3</ETag>"                   \
                               "</CompleteMultipartUploadResult>"                                  \
    }
#define DENIED                                                                                     \
    {                                                                                              \
        .status = 403, .body = "<Error><Code>AccessDenied</Code></Error>"                          \
    }
#define ABORTED                                                                                    \
    {                                                                                              \
        .status = 204                                                                              \
    }

static const struct s3_upload_request flac = { .bucket = "bucket", .key = "a/k.flac" };

/* A stream that has taken over 1024 bytes 'h'. */
static struct s3_stream *open_stream(struct s3_fixture *fixture, const struct canned_reply *replies,
                                     size_t count)
{
    struct s3_stream *stream;
    char head[PART];

    s3_fixture_open(fixture, replies, count);
    memset(head, 'h', sizeof(head));
    assert_true(spool_write(&fixture->spool, 0, head, sizeof(head), &fixture->err));
    stream = s3_stream_open(fixture->client, &flac, &fixture->spool);
    assert_non_null(stream);
    return stream;
}

static bool write_letters(struct s3_fixture *fixture, struct s3_stream *stream, uint64_t offset,
                          char letter, size_t size)
{
    char bytes[4 * PART];

    memset(bytes, letter, size);
    return s3_stream_write(stream, offset, bytes, size, &fixture->err);
}

/* The request that sent this part; its body has to hold text. */
static bool sent(struct s3_fixture *fixture, unsigned number, const char *text)
{
    char line[64];

    snprintf(line, sizeof(line), "partNumber=%u&", number);
    for (size_t i = 0; i < canned_server_requests(fixture->server); i++) {
        if (canned_server_saw(fixture->server, i, line))
            return canned_server_saw(fixture->server, i, text);
    }
    return false;
}

static bool last_was(struct s3_fixture *fixture, const char *line)
{
    return canned_server_saw(fixture->server, canned_server_requests(fixture->server) - 1, line);
}

static void test_s3_stream_sends_parts_and_keeps_the_first_one_back(void **state)
{
    static const struct canned_reply replies[] = { BEGUN, PART_SENT, PART_SENT, PART_SENT,
                                                   COMPLETED };
    struct s3_fixture fixture;
    struct s3_stream *stream = open_stream(&fixture, replies, 5);
    char *etag = NULL;

    (void)state;
    assert_true(write_letters(&fixture, stream, PART, 'b', PART));
    assert_true(write_letters(&fixture, stream, UINT64_C(2) * PART, 'c', 10));
    assert_true(write_letters(&fixture, stream, 4, '!', 2));
    assert_true(s3_stream_finish(stream, &etag, &fixture.err));
    s3_stream_close(stream);
    assert_string_equal(etag, "\"c-3\"");
    assert_int_equal(canned_server_requests(fixture.server), 5);
    assert_true(canned_server_saw(fixture.server, 0, "POST /bucket/a/k.flac?uploads= HTTP/1.1"));
    assert_true(sent(&fixture, 1, "\r\n\r\nhhhh!!hhhh"));
    assert_true(sent(&fixture, 2, "\r\nContent-Length: 1024\r\n"));
    assert_true(sent(&fixture, 2, "\r\n\r\nbbbb"));
    assert_true(sent(&fixture, 3, "\r\n\r\ncccccccccc"));
    assert_true(last_was(&fixture, "<PartNumber>3</PartNumber>"));
    free(etag);
    s3_fixture_close(&fixture);
}

static void test_s3_stream_fills_its_head_first(void **state)
{
    static const struct canned_reply replies[] = { BEGUN, PART_SENT, PART_SENT, PART_SENT,
                                                   COMPLETED };
    struct s3_fixture fixture;
    struct s3_stream *stream;

    (void)state;
    s3_fixture_open(&fixture, replies, 5);
    assert_true(spool_write(&fixture.spool, 0, "head", 4, &fixture.err));
    stream = s3_stream_open(fixture.client, &flac, &fixture.spool);
    assert_false(s3_stream_must_wait(stream, PART - 4));
    assert_true(write_letters(&fixture, stream, 4, 'h', 6));
    assert_true(write_letters(&fixture, stream, 10, 'x', UINT64_C(2) * PART));
    assert_int_equal(fixture.spool.size, PART);
    assert_true(s3_stream_finish(stream, NULL, &fixture.err));
    s3_stream_close(stream);
    assert_true(sent(&fixture, 1, "\r\n\r\nheadhhhhhhxxx"));
    assert_true(sent(&fixture, 2, "\r\nContent-Length: 1024\r\n"));
    assert_true(sent(&fixture, 3, "\r\nContent-Length: 10\r\n"));
    s3_fixture_close(&fixture);
}

/* An object for which one request is enough. */
static void check_one_put(size_t size, size_t tail, const char *length)
{
    static const struct canned_reply replies[] = { PART_SENT };
    struct s3_fixture fixture;
    struct s3_stream *stream = open_stream(&fixture, replies, 1);
    char *etag = NULL;

    fixture.service->single_put_max = UINT64_C(2) * PART;
    assert_true(write_letters(&fixture, stream, PART, 'b', size));
    s3_stream_end_begins(stream);
    assert_true(write_letters(&fixture, stream, PART + size, '.', tail));
    assert_true(write_letters(&fixture, stream, PART - 2, '!', 4));
    assert_true(s3_stream_finish(stream, &etag, &fixture.err));
    s3_stream_close(stream);
    assert_string_equal(etag, "\"9a0364b9e99bb480dd25e1f0284c8555\"");
    assert_int_equal(canned_server_requests(fixture.server), 1);
    assert_true(canned_server_saw(fixture.server, 0, "PUT /bucket/a/k.flac HTTP/1.1"));
    assert_true(canned_server_saw(fixture.server, 0, length));
    assert_true(canned_server_saw(fixture.server, 0, "hhh!!!!"));
    assert_true(canned_server_saw(fixture.server, 0, "..."));
    free(etag);
    s3_fixture_close(&fixture);
}

static void test_s3_stream_is_one_put_up_to_two_parts(void **state)
{
    (void)state;
    check_one_put(10, 5, "\r\nContent-Length: 1039\r\n");
    check_one_put(PART - 3, 3, "\r\nContent-Length: 2048\r\n");
    check_one_put(2, PART - 2, "\r\nContent-Length: 2048\r\n");
}

static void test_s3_stream_lets_the_last_part_change_and_the_end(void **state)
{
    static const struct canned_reply replies[] = { BEGUN,     PART_SENT, PART_SENT,
                                                   PART_SENT, PART_SENT, COMPLETED };
    struct s3_fixture fixture;
    struct s3_stream *stream = open_stream(&fixture, replies, 6);

    (void)state;
    assert_true(write_letters(&fixture, stream, PART, 'b', PART + 2));
    assert_true(write_letters(&fixture, stream, 2 * PART - 1, '<', 1));
    s3_stream_end_begins(stream);
    assert_true(write_letters(&fixture, stream, 2 * PART + 2, 'e', 2 * PART - 2));
    assert_true(write_letters(&fixture, stream, UINT64_C(2) * PART, '>', 4));
    assert_true(s3_stream_finish(stream, NULL, &fixture.err));
    s3_stream_close(stream);
    assert_true(sent(&fixture, 2, "bb<"));
    assert_true(sent(&fixture, 3, "\r\n\r\n>>>>ee"));
    assert_true(sent(&fixture, 4, "eeee"));
    s3_fixture_close(&fixture);
}

static void test_s3_stream_fills_gaps_with_zeros(void **state)
{
    static const struct canned_reply replies[] = { BEGUN, PART_SENT, PART_SENT, COMPLETED };
    struct s3_fixture fixture;
    struct s3_stream *stream = open_stream(&fixture, replies, 4);

    (void)state;
    assert_true(write_letters(&fixture, stream, PART + 7, 'b', 1));
    assert_true(s3_stream_finish(stream, NULL, &fixture.err));
    s3_stream_close(stream);
    assert_true(sent(&fixture, 2, "\r\nContent-Length: 8\r\n"));
    s3_fixture_close(&fixture);
}

static void test_s3_stream_refuses_bytes_that_are_gone(void **state)
{
    static const struct canned_reply replies[] = { BEGUN, PART_SENT, ABORTED, ABORTED };
    struct s3_fixture fixture;
    struct s3_stream *stream = open_stream(&fixture, replies, 4);

    (void)state;
    assert_true(write_letters(&fixture, stream, PART, 'b', UINT64_C(3) * PART));
    assert_false(write_letters(&fixture, stream, PART + 1, '!', 1));
    assert_int_equal(fixture.err.kind, ERROR_TRANSIENT);
    assert_string_equal(fixture.err.word, "Avmap.WrittenTwice");
    s3_stream_close(stream);
    assert_true(last_was(&fixture, "DELETE /bucket/a/k.flac?uploadId=U%2B1 HTTP/1.1\r\n"));
    s3_fixture_close(&fixture);
}

static void test_s3_stream_aborts_when_a_part_fails(void **state)
{
    static const struct canned_reply replies[] = { BEGUN, DENIED, DENIED, DENIED, ABORTED };
    struct s3_fixture fixture;
    struct s3_stream *stream = open_stream(&fixture, replies, 5);
    uint64_t end = PART;

    (void)state;
    while (end < UINT64_C(40) * PART && write_letters(&fixture, stream, end, 'b', PART))
        end += PART;
    assert_false(s3_stream_finish(stream, NULL, &fixture.err));
    assert_int_equal(fixture.err.kind, ERROR_DENIED);
    assert_true(end < UINT64_C(40) * PART);
    s3_stream_close(stream);
    assert_true(last_was(&fixture, "DELETE /bucket/a/k.flac?uploadId=U%2B1 HTTP/1.1\r\n"));
    s3_fixture_close(&fixture);
}

/* After a conflict S3 wants the whole upload again. */
static void test_s3_stream_may_be_repeated_when_its_upload_is_gone(void **state)
{
    static const struct canned_reply replies[] = {
        BEGUN,
        PART_SENT,
        PART_SENT,
        { .status = 409, .body = "<Error><Code>ConditionalRequestConflict</Code></Error>" },
        { .status = 404, .body = "<Error><Code>NoSuchUpload</Code></Error>" },
        { .status = 404 },
        ABORTED,
    };
    struct s3_fixture fixture;
    struct s3_stream *stream = open_stream(&fixture, replies, 7);

    (void)state;
    assert_true(write_letters(&fixture, stream, PART, 'b', 10));
    assert_false(s3_stream_finish(stream, NULL, &fixture.err));
    assert_int_equal(fixture.err.kind, ERROR_TRANSIENT);
    assert_string_equal(fixture.err.word, "S3.NoSuchUpload");
    s3_stream_close(stream);
    s3_fixture_close(&fixture);
}

static void test_s3_stream_fails_when_it_cannot_be_begun(void **state)
{
    static const struct canned_reply replies[] = { DENIED };
    struct s3_fixture fixture;
    struct s3_stream *stream = open_stream(&fixture, replies, 1);

    (void)state;
    assert_true(write_letters(&fixture, stream, PART, 'b', 10));
    assert_false(s3_stream_finish(stream, NULL, &fixture.err));
    assert_int_equal(fixture.err.kind, ERROR_DENIED);
    s3_stream_close(stream);
    assert_int_equal(canned_server_requests(fixture.server), 1);
    s3_fixture_close(&fixture);
}

static void test_s3_stream_that_sent_nothing_leaves_no_trace(void **state)
{
    struct s3_fixture fixture;
    struct s3_stream *stream = open_stream(&fixture, NULL, 0);

    (void)state;
    assert_true(write_letters(&fixture, stream, PART, 'b', 10));
    s3_stream_close(stream);
    assert_int_equal(canned_server_requests(fixture.server), 0);
    s3_fixture_close(&fixture);
}

static void test_s3_stream_gives_up_when_the_run_was_abandoned(void **state)
{
    static const struct canned_reply replies[] = { BEGUN,
                                                   { .status = 200, .delay_ms = 1500 },
                                                   { .status = 200, .delay_ms = 1500 },
                                                   ABORTED,
                                                   ABORTED };
    struct s3_fixture fixture;
    struct s3_stream *stream = open_stream(&fixture, replies, 5);

    (void)state;
    assert_true(write_letters(&fixture, stream, PART, 'b', UINT64_C(3) * PART));
    cancel_stop(&fixture.cancel, 300);
    assert_false(s3_stream_finish(stream, NULL, &fixture.err));
    assert_int_equal(fixture.err.kind, ERROR_CANCELLED);
    s3_stream_close(stream);
    assert_true(last_was(&fixture, "DELETE /bucket/a/k.flac?uploadId=U%2B1 HTTP/1.1\r\n"));
    s3_fixture_close(&fixture);
}

static void test_s3_stream_must_wait_while_all_its_parts_are_on_their_way(void **state)
{
    static const struct canned_reply replies[] = {
        { .status = 200,
          .delay_ms = 500,
          .body = "<InitiateMultipartUploadResult><UploadId>U+1</UploadId>"
                  "</InitiateMultipartUploadResult>" },
        PART_SENT
    };
    struct s3_fixture fixture;
    struct s3_stream *stream = open_stream(&fixture, replies, 2);

    (void)state;
    assert_false(s3_stream_must_wait(stream, PART));
    assert_true(write_letters(&fixture, stream, PART, 'b', UINT64_C(3) * PART));
    assert_true(write_letters(&fixture, stream, UINT64_C(4) * PART, 'b', UINT64_C(2) * PART - 1));
    assert_false(s3_stream_must_wait(stream, 1));
    assert_true(s3_stream_must_wait(stream, 2));
    s3_stream_wait(stream);
    assert_false(s3_stream_must_wait(stream, 2));
    s3_stream_close(stream);
    s3_fixture_close(&fixture);
}

static void test_s3_stream_needs_room_in_the_budget(void **state)
{
    struct s3_fixture fixture;
    struct s3_stream *stream;
    char head[PART] = "";

    (void)state;
    s3_fixture_open(&fixture, NULL, 0);
    assert_true(spool_write(&fixture.spool, 0, head, sizeof(head), &fixture.err));
    fixture.budget.left_bytes = UINT64_C(2) * PART;
    stream = s3_stream_open(fixture.client, &flac, &fixture.spool);
    assert_null(stream);
    assert_int_equal(fixture.budget.left_bytes, 2 * PART);
    s3_fixture_close(&fixture);
}

static void test_s3_stream_part_size_lets_10000_parts_hold_50_terabytes(void **state)
{
    const uint64_t first_size = UINT64_C(8) << 20;
    const uint64_t largest = UINT64_C(50000000000000);
    uint64_t written = 0;
    uint64_t before = first_size;

    (void)state;
    for (unsigned i = 0; i < 384; i++) {
        assert_int_equal(s3_stream_part_size(first_size, written), first_size);
        written += first_size;
    }
    for (unsigned i = 384; i < 10000; i++) {
        uint64_t size = s3_stream_part_size(first_size, written);

        assert_true(size >= before && size <= UINT64_C(5) << 30);
        written += size;
        before = size;
    }
    assert_true(written >= largest);
}

/* 384 parts of 1024 bytes, then 40 that do not grow yet, then a larger one if there is memory. */
static void send_many_parts(bool has_memory)
{
    enum { SMALL = 384 + 41 };

    struct canned_reply replies[SMALL + 4] = { BEGUN };
    size_t parts = has_memory ? SMALL + 1 : SMALL + 2;
    struct s3_fixture fixture;
    struct s3_stream *stream;
    uint64_t end = PART;

    for (size_t i = 1; i <= parts; i++)
        replies[i] = (struct canned_reply)PART_SENT;
    replies[parts + 1] = (struct canned_reply)COMPLETED;
    stream = open_stream(&fixture, replies, parts + 2);
    for (; end < (uint64_t)SMALL * PART; end += PART)
        assert_true(write_letters(&fixture, stream, end, 'b', PART));
    if (!has_memory)
        fixture.budget.left_bytes = 0;
    assert_true(write_letters(&fixture, stream, end, 'c', PART + 25)); /* 41 * 1024 / 40 = 1049 */
    assert_true(write_letters(&fixture, stream, end + 1, '<', 1));
    assert_true(s3_stream_finish(stream, NULL, &fixture.err));
    s3_stream_close(stream);
    assert_true(sent(&fixture, SMALL, "\r\nContent-Length: 1024\r\n"));
    assert_true(sent(&fixture, SMALL + 1,
                     has_memory ? "\r\nContent-Length: 1049\r\n" : "\r\nContent-Length: 1024\r\n"));
    assert_true(sent(&fixture, SMALL + 1, "\r\n\r\nc<ccc"));
    s3_fixture_close(&fixture);
}

static void test_s3_stream_sends_larger_parts_behind_many(void **state)
{
    (void)state;
    send_many_parts(true);
}

static void test_s3_stream_sends_small_parts_for_long_where_memory_is_short(void **state)
{
    (void)state;
    send_many_parts(false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_s3_stream_sends_parts_and_keeps_the_first_one_back),
        cmocka_unit_test(test_s3_stream_fills_its_head_first),
        cmocka_unit_test(test_s3_stream_is_one_put_up_to_two_parts),
        cmocka_unit_test(test_s3_stream_lets_the_last_part_change_and_the_end),
        cmocka_unit_test(test_s3_stream_fills_gaps_with_zeros),
        cmocka_unit_test(test_s3_stream_refuses_bytes_that_are_gone),
        cmocka_unit_test(test_s3_stream_aborts_when_a_part_fails),
        cmocka_unit_test(test_s3_stream_may_be_repeated_when_its_upload_is_gone),
        cmocka_unit_test(test_s3_stream_fails_when_it_cannot_be_begun),
        cmocka_unit_test(test_s3_stream_that_sent_nothing_leaves_no_trace),
        cmocka_unit_test(test_s3_stream_gives_up_when_the_run_was_abandoned),
        cmocka_unit_test(test_s3_stream_must_wait_while_all_its_parts_are_on_their_way),
        cmocka_unit_test(test_s3_stream_needs_room_in_the_budget),
        cmocka_unit_test(test_s3_stream_part_size_lets_10000_parts_hold_50_terabytes),
        cmocka_unit_test(test_s3_stream_sends_larger_parts_behind_many),
        cmocka_unit_test(test_s3_stream_sends_small_parts_for_long_where_memory_is_short),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
