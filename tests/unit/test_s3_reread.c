/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "s3/s3_reread.h"
#include "s3_fixture.h"

/* A reply that has any part of the object. */
#define PART .status = 206, .by_range = true, .body

static char key[] = "k";
static char etag[] = "\"35f9e794323b453885f5181f1b624d0b-2\"";
static const struct object object = { .key = key, .etag = etag, .size = 9 };

/* Reads what was "123456789" at first. */
static bool reread(struct s3_fixture *fixture, const struct canned_reply *replies, size_t count,
                   enum s3_verdict *verdict)
{
    struct s3_finding finding = { .verdict = S3_UNSURE, .part_size = 5 };
    struct s3_sum sum;
    bool ok;

    s3_sum_init(&sum, finding.part_size);
    s3_sum_add(&sum, "123456789", 9);
    s3_sum_finish(&sum, finding.digest);
    s3_fixture_open(fixture, replies, count);
    ok = s3_reread(fixture->client, "bucket", &object, &finding, &fixture->err);
    *verdict = finding.verdict;
    return ok;
}

static void test_s3_reread_holds_two_readings_of_one_version_against_each_other(void **state)
{
    static const struct canned_reply same[] = { { PART = "123456789" } };
    static const struct canned_reply other[] = { { PART = "123456788" } };
    enum s3_verdict verdict;
    struct s3_fixture fixture;

    (void)state;
    assert_true(reread(&fixture, same, COUNT(same), &verdict));
    assert_int_equal(verdict, S3_INTACT);
    for (size_t i = 0; i < canned_server_requests(fixture.server); i++)
        assert_true(canned_server_saw(fixture.server, i, "\r\nif-match: \"35f9e7"));
    s3_fixture_close(&fixture);
    assert_true(reread(&fixture, other, COUNT(other), &verdict));
    assert_int_equal(verdict, S3_DAMAGED);
    s3_fixture_close(&fixture);
}

/* As when the first byte of every reply changes: the first reading had "023456789" then. */
static void test_s3_reread_gets_replies_that_begin_elsewhere(void **state)
{
    static const struct canned_reply replies[] = {
        { .status = 206, .headers = "Content-Range: bytes 0-3/9\r\n", .body = "1234" },
        { .status = 206, .headers = "Content-Range: bytes 4-7/9\r\n", .body = "0678" },
        { .status = 206, .headers = "Content-Range: bytes 8-8/9\r\n", .body = "0" },
    };
    enum s3_verdict verdict;
    struct s3_fixture fixture;

    (void)state;
    assert_true(reread(&fixture, replies, COUNT(replies), &verdict));
    assert_int_equal(verdict, S3_DAMAGED);
    assert_int_equal(canned_server_requests(fixture.server), 3);
    s3_fixture_close(&fixture);
}

static void test_s3_reread_believes_a_server_that_knows_no_ranges(void **state)
{
    static const struct canned_reply replies[] = { { .status = 200, .body = "123456789" } };
    enum s3_verdict verdict;
    struct s3_fixture fixture;

    (void)state;
    assert_true(reread(&fixture, replies, COUNT(replies), &verdict));
    assert_int_equal(verdict, S3_INTACT);
    s3_fixture_close(&fixture);
}

static void test_s3_reread_fails_as_a_download_does(void **state)
{
    static const struct canned_reply gone[] = { { PART = "123456789" }, { .status = 404 } };
    static const struct canned_reply silent[] = { { .status = 0 } };
    enum s3_verdict verdict;
    struct s3_fixture fixture;

    (void)state;
    assert_false(reread(&fixture, gone, COUNT(gone), &verdict));
    assert_int_equal(fixture.err.kind, ERROR_NOT_FOUND);
    s3_fixture_close(&fixture);
    assert_false(reread(&fixture, silent, COUNT(silent), &verdict));
    assert_int_equal(fixture.err.kind, ERROR_TRANSIENT);
    s3_fixture_close(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_s3_reread_holds_two_readings_of_one_version_against_each_other),
        cmocka_unit_test(test_s3_reread_gets_replies_that_begin_elsewhere),
        cmocka_unit_test(test_s3_reread_believes_a_server_that_knows_no_ranges),
        cmocka_unit_test(test_s3_reread_fails_as_a_download_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
