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
#include "s3/s3_upload.h"
#include "s3/s3_upload_notes.h"
#include "s3_fixture.h"

#define BEGUN                                                                                      \
    {                                                                                              \
        .status = 200, .body = "<InitiateMultipartUploadResult><UploadId>U+1</UploadId>"           \
                               "</InitiateMultipartUploadResult>"                                  \
    }
#define PART_ONE                                                                                   \
    {                                                                                              \
        .status = 200, .headers = "ETag: \"9a0364b9e99bb480dd25e1f0284c8555\"\r\n"                 \
    }
#define PART_TWO                                                                                   \
    {                                                                                              \
        .status = 200, .headers = "ETag: \"4f2016c6b934d55bd7120e5d0e62cce3\"\r\n"                 \
    }
#define COMPLETED(etag)                                                                            \
    {                                                                                              \
        .status = 200, .body = "<CompleteMultipartUploadResult><ETag>" etag                        \
                               "</ETag></CompleteMultipartUploadResult>"                           \
    }
#define FAILED(http_status, code)                                                                  \
    {                                                                                              \
        .status = (http_status), .body = "<Error><Code>" code "</Code></Error>"                    \
    }
#define ABORTED                                                                                    \
    {                                                                                              \
        .status = 204                                                                              \
    }

/* The server's clock is years behind. */
#define FOUND(id, began)                                                                           \
    "<Upload><Key>a/k.flac</Key><UploadId>" id "</UploadId><Initiated>" began                      \
    "</Initiated></Upload>"
#define UPLOADS(found)                                                                             \
    {                                                                                              \
        .status = 200, .headers = "Date: Fri, 24 May 2013 00:00:01 GMT\r\n",                       \
        .body = "<ListMultipartUploadsResult>" found "</ListMultipartUploadsResult>"               \
    }

/* The MD5 of the two parts' MD5s. */
static const char whole_etag[] = "\"ede2d628116e4ea60a984c8118de2384-2\"";

/* A fixture whose spool has so many bytes to upload; its parts have 1024. */
static void open_upload(struct s3_fixture *fixture, const struct canned_reply *replies,
                        size_t count, size_t size)
{
    char bytes[4096] = "";

    s3_fixture_open(fixture, replies, count);
    memset(bytes, 'x', size);
    assert_true(spool_write(&fixture->spool, 0, bytes, size, &fixture->err));
}

static const struct s3_upload_request flac = {
    .bucket = "bucket",
    .key = "a/k.flac",
    .content_type = "audio/flac",
};

static bool upload(struct s3_fixture *fixture, char **etag)
{
    return s3_upload(fixture->client, &flac, &fixture->spool, etag, &fixture->err);
}

static bool last_was_abort(struct s3_fixture *fixture)
{
    return canned_server_saw(fixture->server, canned_server_requests(fixture->server) - 1,
                             "DELETE /bucket/a/k.flac?uploadId=U%2B1 HTTP/1.1\r\n");
}

static void test_s3_upload_of_a_small_spool_is_one_put(void **state)
{
    static const struct canned_reply replies[] = {
        { .status = 0 },
        { .status = 200, .headers = "ETag: \"e\"\r\n" },
    };
    struct s3_fixture fixture;
    char *etag = NULL;

    (void)state;
    open_upload(&fixture, replies, COUNT(replies), 1024);
    assert_true(upload(&fixture, &etag));
    assert_string_equal(etag, "\"e\"");
    assert_int_equal(canned_server_requests(fixture.server), 2);
    assert_true(canned_server_saw(fixture.server, 1, "PUT /bucket/a/k.flac HTTP/1.1\r\n"));
    assert_true(canned_server_saw(fixture.server, 1, "\r\ncontent-type: audio/flac\r\n"));
    assert_true(canned_server_saw(fixture.server, 1, "\r\nContent-Length: 1024\r\n"));
    free(etag);
    s3_fixture_close(&fixture);
}

static void test_s3_upload_of_nothing_makes_an_empty_object(void **state)
{
    static const struct canned_reply replies[] = { { .status = 200 } };
    struct s3_fixture fixture;
    char *etag = NULL;

    (void)state;
    open_upload(&fixture, replies, COUNT(replies), 0);
    assert_true(upload(&fixture, &etag));
    assert_null(etag);
    assert_true(canned_server_saw(fixture.server, 0, "\r\nContent-Length: 0\r\n"));
    s3_fixture_close(&fixture);
}

static void expect_etag(const struct canned_reply *replies, size_t count, const char *expected)
{
    struct s3_fixture fixture;
    char *etag = NULL;

    open_upload(&fixture, replies, count, 1025);
    assert_true(upload(&fixture, &etag));
    assert_string_equal(etag, expected);
    free(etag);
    s3_fixture_close(&fixture);
}

static void test_s3_upload_of_a_large_spool_goes_in_parts(void **state)
{
    static const struct canned_reply replies[] = { BEGUN, PART_ONE, PART_TWO,
                                                   COMPLETED("&quot;c-2&quot;") };
    struct s3_fixture fixture;
    char *etag = NULL;

    (void)state;
    open_upload(&fixture, replies, COUNT(replies), 1025);
    assert_true(upload(&fixture, &etag));
    assert_string_equal(etag, "\"c-2\"");
    assert_true(canned_server_saw(fixture.server, 0, "POST /bucket/a/k.flac?uploads= HTTP/1.1"));
    assert_true(canned_server_saw(fixture.server, 0, "\r\ncontent-type: audio/flac\r\n"));
    assert_true(canned_server_saw(fixture.server, 1,
                                  "PUT /bucket/a/k.flac?partNumber=1&uploadId=U%2B1 HTTP/1.1"));
    assert_true(canned_server_saw(fixture.server, 1, "\r\nContent-Length: 1024\r\n"));
    assert_true(canned_server_saw(fixture.server, 2, "partNumber=2&"));
    assert_true(canned_server_saw(fixture.server, 2, "\r\nContent-Length: 1\r\n"));
    assert_true(canned_server_saw(fixture.server, 3, "POST /bucket/a/k.flac?uploadId=U%2B1 "));
    assert_true(canned_server_saw(fixture.server, 3,
                                  "<Part><PartNumber>2</PartNumber>"
                                  "<ETag>\"4f2016c6b934d55bd7120e5d0e62cce3\"</ETag></Part>"));
    free(etag);
    s3_fixture_close(&fixture);
}

static void test_s3_upload_works_an_etag_out_that_the_server_left_empty(void **state)
{
    static const struct canned_reply replies[] = { BEGUN, PART_ONE, PART_TWO, COMPLETED("") };

    (void)state;
    expect_etag(replies, COUNT(replies), whole_etag);
}

static void test_s3_upload_repeats_a_completion_that_failed_inside_a_200(void **state)
{
    static const struct canned_reply replies[] = { BEGUN, PART_ONE, PART_TWO,
                                                   FAILED(200, "InternalError"), COMPLETED("c-2") };

    (void)state;
    expect_etag(replies, COUNT(replies), "\"c-2\"");
}

static void test_s3_upload_is_complete_when_only_the_response_was_lost(void **state)
{
    static const struct canned_reply replies[] = {
        BEGUN,
        PART_ONE,
        PART_TWO,
        { .status = 500 },
        FAILED(404, "NoSuchUpload"),
        { .status = 200, .headers = "ETag: \"ede2d628116e4ea60a984c8118de2384-2\"\r\n" },
        FAILED(404, "NoSuchUpload"),
    };
    struct s3_fixture fixture;
    char *etag = NULL;

    (void)state;
    open_upload(&fixture, replies, COUNT(replies), 1025);
    assert_true(upload(&fixture, &etag));
    assert_string_equal(etag, whole_etag);
    assert_true(canned_server_saw(fixture.server, 5, "HEAD /bucket/a/k.flac HTTP/1.1\r\n"));
    assert_int_equal(canned_server_requests(fixture.server), 7);
    free(etag);
    s3_fixture_close(&fixture);
}

static void test_s3_upload_is_complete_when_the_response_was_damaged(void **state)
{
    static const struct canned_reply replies[] = {
        BEGUN,
        PART_ONE,
        PART_TWO,
        { .status = 200, .body = "=CompleteMultipartUploadResult>" },
        { .status = 200, .headers = "ETag: \"ede2d628116e4ea60a984c8118de2384-2\"\r\n" },
    };

    (void)state;
    expect_etag(replies, COUNT(replies), whole_etag);
}

static void test_s3_upload_is_not_complete_when_another_object_is_there(void **state)
{
    enum { REQUESTS = 6, UPLOADS = 3 };

    static const struct canned_reply one[REQUESTS] = {
        BEGUN,
        PART_ONE,
        PART_TWO,
        FAILED(404, "NoSuchUpload"),
        { .status = 200, .headers = "ETag: \"00000000000000000000000000000000-2\"\r\n" },
        ABORTED,
    };
    struct canned_reply replies[REQUESTS * UPLOADS];
    struct s3_fixture fixture;
    char *etag = NULL;

    (void)state;
    for (size_t i = 0; i < COUNT(replies); i++)
        replies[i] = one[i % REQUESTS];
    open_upload(&fixture, replies, COUNT(replies), 1025);
    assert_false(upload(&fixture, &etag));
    assert_string_equal(fixture.err.word, "S3.NoSuchUpload");
    assert_int_equal(fixture.err.kind, ERROR_TRANSIENT);
    assert_int_equal(canned_server_requests(fixture.server), COUNT(replies));
    assert_null(etag);
    s3_fixture_close(&fixture);
}

static void test_s3_upload_begins_anew_after_a_conflict(void **state)
{
    static const struct canned_reply replies[] = {
        { .status = 404 },
        BEGUN,
        PART_ONE,
        PART_TWO,
        FAILED(409, "ConditionalRequestConflict"),
        FAILED(404, "NoSuchUpload"),
        { .status = 404 },
        FAILED(404, "NoSuchUpload"),
        BEGUN,
        PART_ONE,
        PART_TWO,
        COMPLETED("c-2"),
    };
    struct s3_upload_request request = flac;
    struct s3_fixture fixture;

    (void)state;
    request.only_new = true;
    open_upload(&fixture, replies, COUNT(replies), 1025);
    assert_true(s3_upload(fixture.client, &request, &fixture.spool, NULL, &fixture.err));
    assert_int_equal(canned_server_requests(fixture.server), COUNT(replies));
    s3_fixture_close(&fixture);
}

static void expect_abort(const struct canned_reply *replies, size_t count, const char *word)
{
    struct s3_fixture fixture;

    open_upload(&fixture, replies, count, 1025);
    assert_false(upload(&fixture, NULL));
    assert_string_equal(fixture.err.word, word);
    assert_non_null(strstr(fixture.err.text, "s3://bucket/a/k.flac"));
    assert_true(last_was_abort(&fixture));
    s3_fixture_close(&fixture);
}

static void test_s3_upload_aborts_what_it_cannot_finish(void **state)
{
    static const struct canned_reply part_fails[] = { BEGUN, PART_ONE, FAILED(403, "AccessDenied"),
                                                      ABORTED };
    static const struct canned_reply no_etag[] = { BEGUN, { .status = 200 }, ABORTED };
    static const struct canned_reply completion_fails[] = { BEGUN, PART_ONE, PART_TWO,
                                                            FAILED(200, "AccessDenied"), ABORTED };
    static const struct canned_reply no_document[] = {
        BEGUN, PART_ONE, PART_TWO, { .status = 200, .body = "?" }, ABORTED
    };

    (void)state;
    expect_abort(part_fails, COUNT(part_fails), "S3.AccessDenied");
    expect_abort(no_etag, COUNT(no_etag), "S3.InvalidResponse");
    expect_abort(completion_fails, COUNT(completion_fails), "S3.AccessDenied");
    expect_abort(no_document, COUNT(no_document), "S3.InvalidResponse");
}

static void test_s3_upload_aborts_also_when_the_run_was_abandoned(void **state)
{
    static const struct canned_reply replies[] = {
        BEGUN,
        { .status = 200, .headers = "ETag: \"x\"\r\n", .delay_ms = 1500 },
        FAILED(500, "X"),
        ABORTED
    };
    struct s3_fixture fixture;

    (void)state;
    open_upload(&fixture, replies, COUNT(replies), 1025);
    cancel_stop(&fixture.cancel, 500);
    assert_false(upload(&fixture, NULL));
    assert_int_equal(fixture.err.kind, ERROR_CANCELLED);
    assert_true(last_was_abort(&fixture));
    assert_int_equal(canned_server_requests(fixture.server), 4);
    s3_fixture_close(&fixture);
}

static void test_s3_upload_reads_parts_from_a_file_too(void **state)
{
    static const struct canned_reply replies[] = { BEGUN, PART_ONE, PART_TWO, COMPLETED("c-2") };
    struct s3_fixture fixture;

    (void)state;
    s3_fixture_open(&fixture, replies, COUNT(replies));
    budget_init(&fixture.budget, 0);
    assert_true(spool_write(&fixture.spool, 1020, "abcdefgh", 8, &fixture.err));
    assert_true(fixture.spool.file >= 0);
    assert_true(upload(&fixture, NULL));
    assert_true(canned_server_saw(fixture.server, 2, "\r\n\r\nefgh"));
    s3_fixture_close(&fixture);
}

static void test_s3_upload_sends_large_parts_at_the_same_time(void **state)
{
    static const struct canned_reply replies[] = {
        BEGUN, PART_ONE, PART_ONE, PART_ONE, PART_ONE, PART_ONE, COMPLETED("e"),
    };

    enum { PART = 1024 * 1024, PARTS = 5 };

    char *bytes = calloc(PARTS, PART);
    struct s3_fixture fixture;

    (void)state;
    s3_fixture_open(&fixture, replies, COUNT(replies));
    fixture.service->part_size = PART;
    assert_true(spool_write(&fixture.spool, 0, bytes, (size_t)PARTS * PART, &fixture.err));
    assert_true(upload(&fixture, NULL));
    assert_int_equal(canned_server_requests(fixture.server), 7);
    assert_true(canned_server_connections(fixture.server) > 1);
    assert_true(canned_server_saw(fixture.server, 6,
                                  "<PartNumber>5</PartNumber>"
                                  "<ETag>\"9a0364b9e99bb480dd25e1f0284c8555\"</ETag>"));
    s3_fixture_close(&fixture);
    free(bytes);
}

static void test_s3_upload_stops_sending_parts_when_one_fails(void **state)
{
    static const struct canned_reply replies[] = { BEGUN, FAILED(403, "AccessDenied") };

    enum { PART = 1024 * 1024, PARTS = 40 };

    char *bytes = calloc(PARTS, PART);
    struct s3_fixture fixture;

    (void)state;
    s3_fixture_open(&fixture, replies, COUNT(replies));
    fixture.service->part_size = PART;
    assert_true(spool_write(&fixture.spool, 0, bytes, (size_t)PARTS * PART, &fixture.err));
    assert_false(upload(&fixture, NULL));
    assert_int_equal(fixture.err.kind, ERROR_DENIED);
    assert_true(canned_server_requests(fixture.server) < 12);
    assert_true(last_was_abort(&fixture));
    s3_fixture_close(&fixture);
    free(bytes);
}

static void test_s3_upload_notes_where_the_object_came_from(void **state)
{
    static const struct canned_reply replies[] = { { .status = 200, .headers = "ETag: \"e\"\r\n" },
                                                   BEGUN,
                                                   { .status = 500 } };
    struct s3_upload_request request = flac;

    (void)state;
    request.source_etag = "\"abc\"";
    request.recipe = "r1";
    for (size_t size = 7; size < 4096; size += 3000) {
        struct s3_fixture fixture;

        open_upload(&fixture, replies + (size > 1024), size > 1024 ? 2 : 1, size);
        (void)s3_upload(fixture.client, &request, &fixture.spool, NULL, &fixture.err);
        assert_true(
            canned_server_saw(fixture.server, 0, "\r\nx-amz-meta-avmap-source-etag: \"abc\"\r\n"));
        assert_true(canned_server_saw(fixture.server, 0, "\r\nx-amz-meta-avmap-recipe: r1\r\n"));
        s3_fixture_close(&fixture);
    }
}

static void test_s3_upload_of_new_objects_only_leaves_what_is_there(void **state)
{
    static const struct canned_reply small[] = { { .status = 412 } };
    static const struct canned_reply large[] = { { .status = 200 } };
    struct s3_upload_request request = flac;
    struct s3_fixture fixture;

    (void)state;
    request.only_new = true;
    open_upload(&fixture, small, COUNT(small), 7);
    assert_false(s3_upload(fixture.client, &request, &fixture.spool, NULL, &fixture.err));
    assert_string_equal(fixture.err.word, "Avmap.AlreadyExists");
    assert_int_equal(fixture.err.kind, ERROR_OBJECT);
    assert_true(canned_server_saw(fixture.server, 0, "\r\nif-none-match: *\r\n"));
    s3_fixture_close(&fixture);

    open_upload(&fixture, large, COUNT(large), 2000);
    assert_false(s3_upload(fixture.client, &request, &fixture.spool, NULL, &fixture.err));
    assert_string_equal(fixture.err.word, "Avmap.AlreadyExists");
    assert_true(canned_server_saw(fixture.server, 0, "HEAD /bucket/a/k.flac HTTP/1.1"));
    assert_int_equal(canned_server_requests(fixture.server), 1);
    s3_fixture_close(&fixture);
}

static bool put_again(const struct canned_reply *lost, const char *there,
                      struct s3_fixture *fixture)
{
    const struct canned_reply replies[] = {
        *lost, { .status = 412 }, { .status = 200, .headers = there, .body = "xxxxxxx" }
    };
    struct s3_upload_request request = flac;
    bool ok;

    request.only_new = true;
    request.source_etag = "\"s\"";
    request.recipe = "r";
    open_upload(fixture, replies, COUNT(replies), 7);
    ok = s3_upload(fixture->client, &request, &fixture->spool, NULL, &fixture->err);
    assert_true(canned_server_saw(fixture->server, 2, "HEAD /bucket/a/k.flac "));
    s3_fixture_close(fixture);
    return ok;
}

static void test_s3_upload_of_new_objects_knows_its_own_when_the_answer_was_lost(void **state)
{
    static const struct canned_reply silence = { .status = 200, .body = "cut", .cut = 1 };
    static const struct canned_reply failed = { .status = 500 };
    static const char ours[] =
        "ETag: \"04adb4e2f055c978c9bb101ee1bc5cd4\"\r\n"
        "x-amz-meta-avmap-source-etag: \"s\"\r\nx-amz-meta-avmap-recipe: r\r\n";
    static const char other_bytes[] =
        "ETag: \"0123456789abcdef0123456789abcdef\"\r\n"
        "x-amz-meta-avmap-source-etag: \"s\"\r\nx-amz-meta-avmap-recipe: r\r\n";
    static const char others[] = "x-amz-meta-avmap-source-etag: \"t\"\r\n"
                                 "x-amz-meta-avmap-recipe: r\r\n";
    struct s3_fixture fixture;

    (void)state;
    assert_true(put_again(&silence, ours, &fixture));
    assert_true(put_again(&failed, ours, &fixture));
    assert_false(put_again(&failed, others, &fixture));
    assert_string_equal(fixture.err.word, "Avmap.AlreadyExists");
    assert_false(put_again(&failed, other_bytes, &fixture));
}

static void test_s3_upload_of_new_objects_completes_parts_on_that_condition(void **state)
{
    static const struct canned_reply replies[] = { { .status = 404 }, BEGUN,
                                                   PART_ONE,          PART_TWO,
                                                   { .status = 412 }, { .status = 204 } };
    struct s3_upload_request request = flac;
    struct s3_fixture fixture;

    (void)state;
    request.only_new = true;
    open_upload(&fixture, replies, COUNT(replies), 2000);
    assert_false(s3_upload(fixture.client, &request, &fixture.spool, NULL, &fixture.err));
    assert_string_equal(fixture.err.word, "Avmap.AlreadyExists");
    assert_true(canned_server_saw(fixture.server, 4, "\r\nif-none-match: *\r\n"));
    assert_true(last_was_abort(&fixture));
    s3_fixture_close(&fixture);
}

/* As when the same line runs twice. */
static void test_s3_upload_takes_its_parts_back_when_the_same_object_is_there(void **state)
{
    static const struct canned_reply replies[] = {
        { .status = 404 },
        BEGUN,
        PART_ONE,
        PART_TWO,
        { .status = 412 },
        { .status = 200, .headers = "ETag: \"ede2d628116e4ea60a984c8118de2384-2\"\r\n" },
        ABORTED,
    };
    struct s3_upload_request request = flac;
    struct s3_fixture fixture;

    (void)state;
    request.only_new = true;
    open_upload(&fixture, replies, COUNT(replies), 1025);
    assert_true(s3_upload(fixture.client, &request, &fixture.spool, NULL, &fixture.err));
    assert_true(last_was_abort(&fixture));
    s3_fixture_close(&fixture);
}

static bool last_ended_twin(struct s3_fixture *fixture)
{
    return canned_server_saw(fixture->server, canned_server_requests(fixture->server) - 1,
                             "DELETE /bucket/a/k.flac?uploadId=twin HTTP/1.1\r\n");
}

static void test_s3_upload_ends_one_that_was_begun_unseen(void **state)
{
    static const struct canned_reply replies[] = {
        { .status = 0 },
        BEGUN,
        PART_ONE,
        PART_TWO,
        COMPLETED("c-2"),
        UPLOADS(FOUND("old", "2013-05-23T23:59:01.000Z") FOUND("U+1", "2013-05-24T00:00:00.000Z")
                    FOUND("twin", "2013-05-24T00:00:00.000Z")),
        ABORTED,
    };
    struct s3_fixture fixture;

    (void)state;
    open_upload(&fixture, replies, COUNT(replies), 1025);
    assert_true(upload(&fixture, NULL));
    assert_true(last_ended_twin(&fixture));
    s3_fixture_close(&fixture);
}

static uint64_t note_intend(void *to, const char *bucket, const char *name)
{
    (void)bucket;
    (void)name;
    *(int *)to += 1;
    return 1;
}

static void note_begun(void *to, uint64_t number, const char *upload_id)
{
    (void)to;
    (void)number;
    (void)upload_id;
}

static void note_ended(void *to, uint64_t number)
{
    (void)number;
    *(int *)to -= 1;
}

/* One that is abandoned after the first answer was lost; returns how many are noted. */
static int give_up_beginning(struct s3_fixture *fixture, const struct canned_reply *replies,
                             size_t count)
{
    int noted = 0;
    const struct s3_upload_notes notes = { &noted, note_intend, note_begun, note_ended };

    open_upload(fixture, replies, count, 1025);
    s3_service_set_notes(fixture->service, &notes);
    fixture->service->first_delay_ms = fixture->service->longest_delay_ms = INT32_MAX;
    cancel_stop(&fixture->cancel, 5000); /* which leaves no room for the delay */
    assert_false(upload(fixture, NULL));
    assert_int_equal(fixture->err.kind, ERROR_CANCELLED);
    return noted;
}

static void test_s3_upload_that_is_given_up_while_it_begins_is_not_forgotten(void **state)
{
    static const struct canned_reply begun_unseen[] = {
        { .status = 0 },
        UPLOADS(FOUND("twin", "2013-05-24T00:00:00.000Z")),
        ABORTED,
    };
    static const struct canned_reply nobody_knows[] = { { .status = 0 },
                                                        FAILED(403, "AccessDenied") };
    struct s3_fixture fixture;

    (void)state;
    assert_int_equal(give_up_beginning(&fixture, begun_unseen, COUNT(begun_unseen)), 0);
    assert_true(last_ended_twin(&fixture));
    s3_fixture_close(&fixture);

    assert_int_equal(give_up_beginning(&fixture, nobody_knows, COUNT(nobody_knows)), 1);
    s3_fixture_close(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_s3_upload_sends_large_parts_at_the_same_time),
        cmocka_unit_test(test_s3_upload_stops_sending_parts_when_one_fails),
        cmocka_unit_test(test_s3_upload_notes_where_the_object_came_from),
        cmocka_unit_test(test_s3_upload_of_new_objects_only_leaves_what_is_there),
        cmocka_unit_test(test_s3_upload_of_new_objects_knows_its_own_when_the_answer_was_lost),
        cmocka_unit_test(test_s3_upload_of_new_objects_completes_parts_on_that_condition),
        cmocka_unit_test(test_s3_upload_takes_its_parts_back_when_the_same_object_is_there),
        cmocka_unit_test(test_s3_upload_ends_one_that_was_begun_unseen),
        cmocka_unit_test(test_s3_upload_that_is_given_up_while_it_begins_is_not_forgotten),
        cmocka_unit_test(test_s3_upload_of_a_small_spool_is_one_put),
        cmocka_unit_test(test_s3_upload_of_nothing_makes_an_empty_object),
        cmocka_unit_test(test_s3_upload_of_a_large_spool_goes_in_parts),
        cmocka_unit_test(test_s3_upload_works_an_etag_out_that_the_server_left_empty),
        cmocka_unit_test(test_s3_upload_repeats_a_completion_that_failed_inside_a_200),
        cmocka_unit_test(test_s3_upload_is_complete_when_only_the_response_was_lost),
        cmocka_unit_test(test_s3_upload_is_complete_when_the_response_was_damaged),
        cmocka_unit_test(test_s3_upload_is_not_complete_when_another_object_is_there),
        cmocka_unit_test(test_s3_upload_begins_anew_after_a_conflict),
        cmocka_unit_test(test_s3_upload_aborts_what_it_cannot_finish),
        cmocka_unit_test(test_s3_upload_aborts_also_when_the_run_was_abandoned),
        cmocka_unit_test(test_s3_upload_reads_parts_from_a_file_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
