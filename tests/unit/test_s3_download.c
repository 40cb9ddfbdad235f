/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "s3/s3_download.h"
#include "s3_fixture.h"

static struct object listed(char *key, char *etag, uint64_t size)
{
    return (struct object){ .key = key, .etag = etag, .size = size };
}

static bool download(struct s3_fixture *fixture, const struct object *object)
{
    return s3_download(fixture->client, "bucket", object, &fixture->spool, &fixture->err);
}

static char key[] = "k";
static char etag[] = "\"e1\"";

static void test_s3_download_is_pinned_to_the_listed_version(void **state)
{
    static const struct canned_reply replies[] = {
        { .status = 200, .headers = "ETag: \"e1\"\r\n", .body = "0123456789" },
    };
    const struct object object = listed(key, etag, 10);
    struct s3_fixture fixture;

    (void)state;
    s3_fixture_open(&fixture, replies, COUNT(replies));
    assert_true(download(&fixture, &object));
    assert_int_equal(fixture.spool.size, 10);
    assert_memory_equal(spool_bytes(&fixture.spool), "0123456789", 10);
    assert_true(canned_server_saw(fixture.server, 0, "\r\nif-match: \"e1\"\r\n"));
    assert_false(canned_server_saw(fixture.server, 0, "\r\nrange:"));
    s3_fixture_close(&fixture);
}

static bool download_only(const struct canned_reply *replies, size_t count, char *wanted)
{
    const struct object object = {
        .key = key, .etag = wanted, .size = 10, .size_unknown = !wanted
    };
    struct s3_fixture fixture;
    bool ok;

    s3_fixture_open(&fixture, replies, count);
    ok = download(&fixture, &object);
    if (!ok) {
        assert_int_equal(fixture.err.kind, ERROR_OBJECT);
        assert_string_equal(fixture.err.word, "S3.PreconditionFailed");
    }
    s3_fixture_close(&fixture);
    return ok;
}

static void test_s3_download_notices_another_version_where_if_match_is_not_heeded(void **state)
{
    static const struct canned_reply other[] = {
        { .status = 200, .headers = "ETag: \"e2\"\r\n", .body = "0123456789" },
    };
    static const struct canned_reply bare[] = {
        { .status = 200, .headers = "ETag: e1\r\n", .body = "0123456789" },
    };
    static const struct canned_reply weak[] = {
        { .status = 200, .headers = "ETag: W/\"e1\"\r\n", .body = "0123456789" },
    };
    static const struct canned_reply changes[] = {
        { .status = 200, .headers = "ETag: \"e1\"\r\n", .body = "0123456789", .cut = 4 },
        { .status = 206,
          .headers = "ETag: \"e2\"\r\nContent-Range: bytes 4-9/10\r\n",
          .body = "456789" },
    };
    static const struct canned_reply end_is_lost[] = {
        { .status = 200, .headers = "ETag: \"e2\"\r\n", .body = "0123456789+", .cut = 10 },
    };
    static const struct canned_reply breaks_off[] = {
        { .status = 200, .headers = "ETag: \"e1\"\r\n", .body = "0123456789", .cut = 4 },
        { .status = 206,
          .headers = "ETag: \"e2\"\r\nContent-Range: bytes 4-9/10\r\n",
          .body = "456789",
          .cut = 3 },
        { .status = 206,
          .headers = "ETag: \"e1\"\r\nContent-Range: bytes 7-9/10\r\n",
          .body = "789" },
    };

    (void)state;
    assert_false(download_only(other, COUNT(other), etag));
    assert_true(download_only(other, COUNT(other), NULL));
    assert_true(download_only(bare, COUNT(bare), etag));
    assert_true(download_only(weak, COUNT(weak), etag));
    assert_false(download_only(changes, COUNT(changes), etag));
    assert_false(download_only(changes, COUNT(changes), NULL));
    assert_false(download_only(end_is_lost, COUNT(end_is_lost), etag));
    assert_false(download_only(breaks_off, COUNT(breaks_off), etag));
    assert_false(download_only(breaks_off, COUNT(breaks_off), NULL));
}

static void test_s3_download_goes_on_at_the_last_byte(void **state)
{
    static const struct canned_reply replies[] = {
        { .status = 200, .body = "0123456789", .cut = 4 },
        { .status = 503 },
        { .status = 206, .headers = "Content-Range: bytes 4-9/10\r\n", .body = "456789", .cut = 3 },
        { .status = 206, .headers = "Content-Range: bytes 7-9/10\r\n", .body = "789" },
    };
    const struct object object = listed(key, etag, 10);
    struct s3_fixture fixture;

    (void)state;
    s3_fixture_open(&fixture, replies, COUNT(replies));
    assert_true(download(&fixture, &object));
    assert_memory_equal(spool_bytes(&fixture.spool), "0123456789", 10);
    assert_true(canned_server_saw(fixture.server, 1, "\r\nrange: bytes=4-\r\n"));
    assert_true(canned_server_saw(fixture.server, 2, "\r\nrange: bytes=4-\r\n"));
    assert_true(canned_server_saw(fixture.server, 3, "\r\nrange: bytes=7-\r\n"));
    assert_true(canned_server_saw(fixture.server, 3, "\r\nif-match: \"e1\"\r\n"));
    s3_fixture_close(&fixture);
}

static void test_s3_download_starts_over_when_the_server_ignores_the_range(void **state)
{
    static const struct canned_reply replies[] = {
        { .status = 200, .body = "0123456789", .cut = 4 },
        { .status = 200, .body = "0123456789" },
    };
    const struct object object = listed(key, etag, 10);
    struct s3_fixture fixture;

    (void)state;
    s3_fixture_open(&fixture, replies, COUNT(replies));
    assert_true(download(&fixture, &object));
    assert_int_equal(fixture.spool.size, 10);
    assert_memory_equal(spool_bytes(&fixture.spool), "0123456789", 10);
    s3_fixture_close(&fixture);
}

static void test_s3_download_may_break_more_often_than_it_may_fail_in_a_row(void **state)
{
    enum { PIECE = 64 * 1024, PIECES = 9 };

    static char body[PIECES * PIECE];
    struct canned_reply replies[PIECES] = { { .status = 200 } };
    char ranges[PIECES][64];
    struct s3_fixture fixture;
    struct object object;

    (void)state;
    for (size_t i = 0; i < sizeof(body); i++)
        body[i] = (char)(i * 31 >> 3);
    for (size_t i = 0; i < COUNT(replies); i++) {
        snprintf(ranges[i], sizeof(ranges[i]), "Content-Range: bytes %zu-%zu/%zu\r\n", i * PIECE,
                 sizeof(body) - 1, sizeof(body));
        replies[i] = (struct canned_reply){
            .status = i == 0 ? 200 : 206,
            .headers = ranges[i],
            .body = body + i * PIECE,
            .body_size = sizeof(body) - i * PIECE,
            .cut = i + 1 < PIECES ? PIECE : 0,
        };
    }
    object = listed(key, etag, sizeof(body));
    s3_fixture_open(&fixture, replies, COUNT(replies));
    assert_true(download(&fixture, &object));
    assert_memory_equal(spool_bytes(&fixture.spool), body, sizeof(body));
    s3_fixture_close(&fixture);
}

static void expect_failure(const struct canned_reply *replies, size_t count, enum error_kind kind,
                           const char *word)
{
    const struct object object = listed(key, etag, 10);
    struct s3_fixture fixture;

    s3_fixture_open(&fixture, replies, count);
    assert_false(download(&fixture, &object));
    assert_int_equal(fixture.err.kind, kind);
    assert_string_equal(fixture.err.word, word);
    assert_non_null(strstr(fixture.err.text, "GetObject s3://bucket/k"));
    s3_fixture_close(&fixture);
}

static void test_s3_download_fails_when_the_object_is_not_what_was_listed(void **state)
{
    static const struct canned_reply changed[] = {
        { .status = 412, .body = "<Error><Code>PreconditionFailed</Code></Error>" },
    };
    static const struct canned_reply changed_later[] = {
        { .status = 200, .body = "0123456789", .cut = 4 },
        { .status = 412 },
    };
    static const struct canned_reply shorter[] = { { .status = 200, .body = "012345678" } };
    static const struct canned_reply longer[] = { { .status = 200, .body = "0123456789a" } };
    static const struct canned_reply elsewhere[] = {
        { .status = 200, .body = "0123456789", .cut = 4 },
        { .status = 206, .headers = "Content-Range: bytes 0-5/10\r\n", .body = "012345" },
    };

    (void)state;
    expect_failure(changed, COUNT(changed), ERROR_OBJECT, "S3.PreconditionFailed");
    expect_failure(changed_later, COUNT(changed_later), ERROR_OBJECT, "S3.PreconditionFailed");
    expect_failure(shorter, COUNT(shorter), ERROR_OBJECT, "S3.SizeMismatch");
    expect_failure(longer, COUNT(longer), ERROR_OBJECT, "S3.SizeMismatch");
    expect_failure(elsewhere, COUNT(elsewhere), ERROR_OBJECT, "S3.InvalidResponse");
}

static void test_s3_download_gives_up_when_nothing_arrives_any_more(void **state)
{
    static const struct canned_reply replies[] = {
        { .status = 200, .body = "0123456789", .cut = 4 },
        { .status = 0 },
    };

    (void)state;
    expect_failure(replies, COUNT(replies), ERROR_TRANSIENT, "S3.ConnectionFailed");
}

static void test_s3_download_of_an_unlisted_object_stays_with_the_first_version(void **state)
{
    static const struct canned_reply replies[] = {
        { .status = 200, .headers = "ETag: \"first\"\r\n", .body = "0123456789", .cut = 4 },
        { .status = 206, .headers = "Content-Range: bytes 4-9/10\r\n", .body = "456789" },
    };
    const struct object object = listed(key, NULL, 0);
    struct s3_fixture fixture;

    (void)state;
    s3_fixture_open(&fixture, replies, COUNT(replies));
    assert_true(download(&fixture, &object));
    assert_int_equal(fixture.spool.size, 10);
    assert_false(canned_server_saw(fixture.server, 0, "if-match"));
    assert_true(canned_server_saw(fixture.server, 1, "\r\nif-match: \"first\"\r\n"));
    s3_fixture_close(&fixture);
}

static void test_s3_download_of_an_empty_object_is_empty(void **state)
{
    static const struct canned_reply replies[] = { { .status = 200 } };
    const struct object object = listed(key, etag, 0);
    struct s3_fixture fixture;

    (void)state;
    s3_fixture_open(&fixture, replies, COUNT(replies));
    assert_true(download(&fixture, &object));
    assert_int_equal(fixture.spool.size, 0);
    s3_fixture_close(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_s3_download_is_pinned_to_the_listed_version),
        cmocka_unit_test(test_s3_download_notices_another_version_where_if_match_is_not_heeded),
        cmocka_unit_test(test_s3_download_goes_on_at_the_last_byte),
        cmocka_unit_test(test_s3_download_starts_over_when_the_server_ignores_the_range),
        cmocka_unit_test(test_s3_download_may_break_more_often_than_it_may_fail_in_a_row),
        cmocka_unit_test(test_s3_download_fails_when_the_object_is_not_what_was_listed),
        cmocka_unit_test(test_s3_download_gives_up_when_nothing_arrives_any_more),
        cmocka_unit_test(test_s3_download_of_an_unlisted_object_stays_with_the_first_version),
        cmocka_unit_test(test_s3_download_of_an_empty_object_is_empty),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
