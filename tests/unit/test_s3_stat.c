/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "s3/s3_listing.h"
#include "s3/s3_stat.h"
#include "s3_fixture.h"

#define PAGE(contents)                                                                             \
    {                                                                                              \
        .status = 200, .body = "<ListBucketResult><IsTruncated>false</IsTruncated>" contents       \
                               "</ListBucketResult>"                                               \
    }
#define KEY(key)                                                                                   \
    "<Contents><Key>" key "</Key><Size>1</Size>"                                                   \
    "<LastModified>2026-01-02T03:04:05.000Z</LastModified></Contents>"

static void test_s3_stat_reads_what_the_headers_say(void **state)
{
    static const struct canned_reply replies[] = {
        { .status = 200,
          .headers = "ETag: \"e\"\r\nLast-Modified: Fri, 02 Jan 2026 03:04:05 GMT\r\n"
                     "x-amz-meta-avmap-source-etag: \"abc\"\r\n"
                     "X-Amz-Meta-Avmap-Recipe: r1\r\n" },
        { .status = 200 },
    };
    struct s3_object_info info = { 0 };
    struct s3_fixture fixture;
    bool found = false;

    (void)state;
    s3_fixture_open(&fixture, replies, COUNT(replies));
    assert_true(s3_stat(fixture.client, "bucket", "a b", &info, &found, &fixture.err));
    assert_true(found);
    assert_true(canned_server_saw(fixture.server, 0, "HEAD /bucket/a%20b HTTP/1.1"));
    assert_string_equal(info.etag, "\"e\"");
    assert_string_equal(info.source_etag, "\"abc\"");
    assert_string_equal(info.recipe, "r1");
    assert_int_equal(info.modified_ms, INT64_C(1767323045000));
    s3_object_info_release(&info);
    assert_true(s3_stat(fixture.client, "bucket", "a b", &info, &found, &fixture.err));
    assert_true(found);
    assert_null(info.source_etag);
    assert_null(info.recipe);
    s3_object_info_release(&info);
    s3_fixture_close(&fixture);
}

static void test_s3_stat_tells_absent_from_denied(void **state)
{
    static const struct canned_reply replies[] = { { .status = 404 }, { .status = 403 } };
    struct s3_object_info info = { 0 };
    struct s3_fixture fixture;
    bool found = true;

    (void)state;
    s3_fixture_open(&fixture, replies, COUNT(replies));
    assert_true(s3_stat(fixture.client, "bucket", "k", &info, &found, &fixture.err));
    assert_false(found);
    assert_false(s3_stat(fixture.client, "bucket", "k", &info, &found, &fixture.err));
    assert_int_equal(fixture.err.kind, ERROR_DENIED);
    s3_fixture_close(&fixture);
}

static void test_s3_listing_look_asks_for_one_key(void **state)
{
    static const struct canned_reply replies[] = { PAGE(""), PAGE(KEY("out/a")) };
    struct s3_fixture fixture;
    enum contents contents = CONTENTS_SOME;

    (void)state;
    s3_fixture_open(&fixture, replies, COUNT(replies));
    assert_true(s3_listing_look(fixture.client, "bucket", "out/", NULL, &contents, &fixture.err));
    assert_int_equal(contents, CONTENTS_NONE);
    assert_true(canned_server_saw(
        fixture.server, 0, "?encoding-type=url&list-type=2&max-keys=1&prefix=out%2F HTTP/1.1"));
    assert_true(s3_listing_look(fixture.client, "bucket", "out/", NULL, &contents, &fixture.err));
    assert_int_equal(contents, CONTENTS_SOME);
    assert_int_equal(canned_server_requests(fixture.server), 2);
    s3_fixture_close(&fixture);
}

static void test_s3_listing_look_looks_behind_what_is_skipped(void **state)
{
    static const struct canned_reply replies[] = { PAGE(KEY("out/_avmap/x")), PAGE("") };
    struct s3_fixture fixture;
    enum contents contents = CONTENTS_SOME;

    (void)state;
    s3_fixture_open(&fixture, replies, COUNT(replies));
    assert_true(
        s3_listing_look(fixture.client, "bucket", "out/", "out/_avmap/", &contents, &fixture.err));
    assert_int_equal(contents, CONTENTS_PASSED_OVER);
    assert_true(
        canned_server_saw(fixture.server, 1, "&start-after=out%2F_avmap%2F%F4%8F%BF%BF HTTP/1.1"));
    s3_fixture_close(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_s3_stat_reads_what_the_headers_say),
        cmocka_unit_test(test_s3_stat_tells_absent_from_denied),
        cmocka_unit_test(test_s3_listing_look_asks_for_one_key),
        cmocka_unit_test(test_s3_listing_look_looks_behind_what_is_skipped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
