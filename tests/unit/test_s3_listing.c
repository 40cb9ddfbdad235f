/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "s3/s3_listing.h"
#include "s3_fixture.h"

#define PAGE(rest) "<ListBucketResult><EncodingType>url</EncodingType>" rest "</ListBucketResult>"
#define MORE(token)                                                                                \
    "<IsTruncated>true</IsTruncated><NextContinuationToken>" token "</NextContinuationToken>"
#define LAST "<IsTruncated>false</IsTruncated>"
#define OBJECT(key)                                                                                \
    "<Contents><Key>" key "</Key><LastModified>2013-01-10T21:45:09.000Z</LastModified>"            \
    "<Size>1</Size></Contents>"

static void expect_next(struct s3_fixture *fixture, struct s3_listing *listing, const char *key)
{
    struct object object = { 0 };
    bool found = false;

    assert_true(s3_listing_next(listing, &object, &found, &fixture->err));
    assert_int_equal(found, key != NULL);
    if (key)
        assert_string_equal(object.key, key);
    object_release(&object);
}

static void test_s3_listing_next_goes_through_all_pages(void **state)
{
    static const struct canned_reply replies[] = {
        { .status = 200, .body = PAGE(MORE("t+1/=") OBJECT("a") OBJECT("b+c")) },
        { .status = 503 },
        { .status = 200, .body = PAGE(MORE("t2")) },
        { .status = 200, .body = PAGE(LAST OBJECT("d%0A")) },
    };
    struct s3_fixture fixture;
    struct s3_listing *listing;

    (void)state;
    s3_fixture_open(&fixture, replies, COUNT(replies));
    listing = s3_listing_open(fixture.client, "bucket", "p q/");
    assert_int_equal(canned_server_requests(fixture.server), 0);
    expect_next(&fixture, listing, "a");
    expect_next(&fixture, listing, "b c");
    expect_next(&fixture, listing, "d\n");
    expect_next(&fixture, listing, NULL);
    expect_next(&fixture, listing, NULL);
    assert_int_equal(canned_server_requests(fixture.server), 4);
    assert_true(canned_server_saw(
        fixture.server, 0, "GET /bucket?encoding-type=url&list-type=2&prefix=p%20q%2F HTTP/1.1"));
    assert_true(canned_server_saw(fixture.server, 2,
                                  "GET /bucket?continuation-token=t%2B1%2F%3D&encoding-type=url&"
                                  "list-type=2&prefix=p%20q%2F HTTP/1.1"));
    assert_true(canned_server_saw(fixture.server, 3, "continuation-token=t2&"));
    s3_listing_close(listing);
    s3_fixture_close(&fixture);
}

static void test_s3_listing_begin_asks_before_the_first_next(void **state)
{
    static const struct canned_reply replies[] = {
        { .status = 200, .body = PAGE(MORE("t") OBJECT("a")) },
        { .status = 200, .body = PAGE(LAST OBJECT("b")) },
    };
    struct s3_fixture fixture;
    struct s3_listing *listing;

    (void)state;
    s3_fixture_open(&fixture, replies, COUNT(replies));
    listing = s3_listing_open(fixture.client, "bucket", "p/");
    s3_listing_begin(listing);
    while (canned_server_requests(fixture.server) == 0)
        cancel_sleep(NULL, 1);
    expect_next(&fixture, listing, "a");
    expect_next(&fixture, listing, "b");
    expect_next(&fixture, listing, NULL);
    assert_int_equal(canned_server_requests(fixture.server), 2);
    s3_listing_close(listing);
    s3_fixture_close(&fixture);
}

static void test_s3_listing_next_tells_how_what_was_begun_failed(void **state)
{
    static const struct canned_reply replies[] = { { .status = 404,
                                                     .body = "<Error><Code>NoSuchBucket</Code>"
                                                             "</Error>" } };
    struct s3_fixture fixture;
    struct s3_listing *listing;
    struct object object = { 0 };
    bool found = true;

    (void)state;
    s3_fixture_open(&fixture, replies, COUNT(replies));
    listing = s3_listing_open(fixture.client, "bucket", "p/");
    s3_listing_begin(listing);
    assert_false(s3_listing_next(listing, &object, &found, &fixture.err));
    assert_string_equal(fixture.err.word, "S3.NoSuchBucket");
    s3_listing_close(listing);
    s3_fixture_close(&fixture);
}

/* The server takes minutes for it. */
static void test_s3_listing_close_does_not_wait_for_what_was_begun(void **state)
{
    static const struct canned_reply replies[] = {
        { .status = 200, .body = PAGE(LAST OBJECT("a")), .trickle_ms = 1000 }
    };
    struct s3_fixture fixture;
    struct s3_listing *listing;

    (void)state;
    s3_fixture_open(&fixture, replies, COUNT(replies));
    listing = s3_listing_open(fixture.client, "bucket", "p/");
    s3_listing_begin(listing);
    s3_listing_close(listing);
    s3_fixture_close(&fixture);
}

static void test_s3_listing_next_finds_nothing_under_an_empty_prefix(void **state)
{
    static const struct canned_reply replies[] = { { .status = 200, .body = PAGE(LAST) } };
    struct s3_fixture fixture;
    struct s3_listing *listing;

    (void)state;
    s3_fixture_open(&fixture, replies, COUNT(replies));
    listing = s3_listing_open(fixture.client, "bucket", "");
    expect_next(&fixture, listing, NULL);
    assert_false(canned_server_saw(fixture.server, 0, "prefix"));
    s3_listing_close(listing);
    s3_fixture_close(&fixture);
}

static void expect_failure(const struct canned_reply *replies, size_t count, unsigned good,
                           const char *word)
{
    struct s3_fixture fixture;
    struct s3_listing *listing;
    struct object object = { 0 };
    bool found;

    s3_fixture_open(&fixture, replies, count);
    listing = s3_listing_open(fixture.client, "bucket", "p");
    for (unsigned i = 0; i < good; i++)
        expect_next(&fixture, listing, "k");
    assert_false(s3_listing_next(listing, &object, &found, &fixture.err));
    assert_string_equal(fixture.err.word, word);
    assert_non_null(strstr(fixture.err.text, "ListObjectsV2 s3://bucket/"));
    s3_listing_close(listing);
    s3_fixture_close(&fixture);
}

static void test_s3_listing_next_fetches_a_damaged_page_again(void **state)
{
    static const struct canned_reply replies[] = {
        { .status = 200, .body = "=?xml version" },
        { .status = 200, .body = PAGE(LAST OBJECT("k")) },
    };
    struct s3_fixture fixture;
    struct s3_listing *listing;
    struct object object = { 0 };
    bool found = false;

    (void)state;
    s3_fixture_open(&fixture, replies, COUNT(replies));
    listing = s3_listing_open(fixture.client, "bucket", "");
    assert_true(s3_listing_next(listing, &object, &found, &fixture.err));
    assert_true(found);
    assert_string_equal(object.key, "k");
    assert_int_equal(canned_server_requests(fixture.server), 2);
    object_release(&object);
    s3_listing_close(listing);
    s3_fixture_close(&fixture);
}

static void test_s3_listing_next_fails_on_pages_that_make_no_sense(void **state)
{
    static const struct canned_reply html[] = { { .status = 200, .body = "<html/>" } };
    static const struct canned_reply repeated[] = {
        { .status = 200, .body = PAGE(MORE("t") OBJECT("k")) },
    };
    static const struct canned_reply missing[] = {
        { .status = 404, .body = "<Error><Code>NoSuchBucket</Code></Error>" },
    };

    (void)state;
    expect_failure(html, COUNT(html), 0, "S3.InvalidResponse");
    expect_failure(repeated, COUNT(repeated), 1, "S3.InvalidResponse");
    expect_failure(missing, COUNT(missing), 0, "S3.NoSuchBucket");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_s3_listing_next_goes_through_all_pages),
        cmocka_unit_test(test_s3_listing_begin_asks_before_the_first_next),
        cmocka_unit_test(test_s3_listing_next_tells_how_what_was_begun_failed),
        cmocka_unit_test(test_s3_listing_close_does_not_wait_for_what_was_begun),
        cmocka_unit_test(test_s3_listing_next_finds_nothing_under_an_empty_prefix),
        cmocka_unit_test(test_s3_listing_next_fetches_a_damaged_page_again),
        cmocka_unit_test(test_s3_listing_next_fails_on_pages_that_make_no_sense),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
