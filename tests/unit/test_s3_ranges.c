/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/digest.h"
#include "base/memory.h"
#include "s3/s3_ranges.h"
#include "s3/s3_service_parts.h"
#include "s3_fixture.h"

enum { MIB = 1024 * 1024, SIZE = 6 * MIB + 7, READ = 32 * 1024 };

/* A reply that has any part of the object. */
#define PART .status = 206, .body = bytes, .body_size = SIZE, .by_range = true

static char bytes[SIZE];
static char key[] = "k";
static char etag[] = "\"e1\"";
static struct object object = { .key = key, .etag = etag, .size = SIZE };

/* What is open in a test. */
struct opened {
    struct s3_fixture fixture;
    struct s3_ranges *ranges;
    struct reader reader;
    int begun;
    int ended;
};

static void begin(void *waiter)
{
    struct opened *opened = waiter;

    opened->begun++;
}

static void end(void *waiter)
{
    struct opened *opened = waiter;

    opened->ended++;
    assert_int_equal(opened->begun, opened->ended);
}

/* attempts 0: as many as usual. From the open on, threads look at them. */
static void set_up_with(struct opened *opened, const struct canned_reply *replies, size_t count,
                        unsigned attempts)
{
    s3_fixture_open(&opened->fixture, replies, count);
    if (attempts)
        opened->fixture.service->max_attempts = attempts;
    opened->begun = opened->ended = 0;
    opened->ranges = s3_ranges_open(&(struct s3_ranges_request){
        .client = opened->fixture.client,
        .bucket = "bucket",
        .object = &object,
        .budget = &opened->fixture.budget,
        .waits = { begin, end, opened },
    });
    opened->reader = s3_ranges_reader(opened->ranges);
}

static void set_up(struct opened *opened, const struct canned_reply *replies, size_t count)
{
    set_up_with(opened, replies, count, 0);
}

static void tear_down(struct opened *opened)
{
    s3_ranges_close(opened->ranges);
    s3_fixture_close(&opened->fixture);
}

static bool read_at(struct opened *opened, uint64_t offset, size_t size)
{
    static char got_bytes[SIZE];
    size_t got;

    if (!reader_read(&opened->reader, offset, got_bytes, size, &got, &opened->fixture.err))
        return false;
    assert_int_equal(got, size);
    assert_memory_equal(got_bytes, bytes + offset, size);
    return true;
}

static bool read_all(struct opened *opened)
{
    bool ok = true;

    for (uint64_t offset = 0; ok && offset < SIZE; offset += READ)
        ok = read_at(opened, offset, SIZE - offset < READ ? SIZE - offset : READ);
    return ok;
}

/* The bytes that a request asked for. */
static uint64_t asked(struct opened *opened, size_t number, uint64_t *first)
{
    const char *range =
        strstr(canned_server_request(opened->fixture.server, number), "\r\nrange: bytes=");
    char *dash;

    assert_non_null(range);
    *first = strtoull(range + strlen("\r\nrange: bytes="), &dash, 10);
    return strtoull(dash + 1, NULL, 10) + 1 - *first;
}

static uint64_t all_asked(struct opened *opened)
{
    uint64_t sum = 0;
    uint64_t first;

    for (size_t i = 0; i < canned_server_requests(opened->fixture.server); i++)
        sum += asked(opened, i, &first);
    return sum;
}

static void test_s3_ranges_reads_every_byte_once(void **state)
{
    static const struct canned_reply replies[] = { { PART } };
    struct opened opened;
    char byte;
    size_t got;

    (void)state;
    set_up(&opened, replies, COUNT(replies));
    assert_int_equal(opened.reader.size, SIZE);
    assert_true(read_all(&opened));
    assert_true(reader_read(&opened.reader, SIZE, &byte, 1, &got, &opened.fixture.err));
    assert_int_equal(got, 0);
    assert_int_equal(all_asked(&opened), SIZE);
    assert_in_range(canned_server_connections(opened.fixture.server), 1, 4);
    assert_true(opened.begun > 0);
    for (size_t i = 0; i < canned_server_requests(opened.fixture.server); i++)
        assert_true(canned_server_saw(opened.fixture.server, i, "\r\nif-match: \"e1\"\r\n"));
    tear_down(&opened);
}

static void test_s3_ranges_reads_in_one_piece_too(void **state)
{
    static const struct canned_reply replies[] = { { PART } };
    struct opened opened;

    (void)state;
    set_up(&opened, replies, COUNT(replies));
    assert_true(read_at(&opened, 5, SIZE - 5));
    tear_down(&opened);
}

static void test_s3_ranges_fetches_little_when_little_is_read(void **state)
{
    static const struct canned_reply replies[] = { { PART } };
    struct opened opened;

    (void)state;
    set_up(&opened, replies, COUNT(replies));
    assert_true(read_at(&opened, 0, READ));
    assert_true(read_at(&opened, SIZE - 100, 100));
    assert_true(read_at(&opened, READ, READ));
    assert_true(read_at(&opened, SIZE / 2, READ));
    assert_in_range(all_asked(&opened), 2 * READ, MIB);
    tear_down(&opened);
}

static void test_s3_ranges_fetches_again_what_it_dropped(void **state)
{
    static const struct canned_reply replies[] = { { PART } };
    struct opened opened;

    (void)state;
    set_up(&opened, replies, COUNT(replies));
    assert_true(read_all(&opened));
    assert_true(read_all(&opened));
    assert_true(all_asked(&opened) > SIZE);
    tear_down(&opened);
}

static void test_s3_ranges_takes_what_the_budget_has(void **state)
{
    static const struct canned_reply replies[] = { { PART } };
    static const uint64_t budgets[] = { 0, UINT64_C(3) * MIB, UINT64_C(4) * MIB,
                                        UINT64_C(1000) * (uint64_t)MIB };
    static const uint64_t left[] = { 0, UINT64_C(3) * MIB, UINT64_C(2) * MIB,
                                     UINT64_C(936) * (uint64_t)MIB };

    (void)state;
    for (size_t i = 0; i < COUNT(budgets); i++) {
        struct opened opened;
        struct budget budget;

        budget_init(&budget, budgets[i]);
        set_up(&opened, replies, COUNT(replies));
        s3_ranges_close(opened.ranges);
        opened.ranges = s3_ranges_open(&(struct s3_ranges_request){
            .client = opened.fixture.client,
            .bucket = "bucket",
            .object = &object,
            .budget = &budget,
            .waits = { begin, end, &opened },
        });
        opened.reader = s3_ranges_reader(opened.ranges);
        assert_int_equal(atomic_load(&budget.left_bytes), left[i]);
        assert_true(read_all(&opened));
        tear_down(&opened);
        assert_int_equal(atomic_load(&budget.left_bytes), budgets[i]);
    }
}

static void test_s3_ranges_goes_on_at_the_last_byte(void **state)
{
    static const struct canned_reply replies[] = {
        { PART, .cut = 1000 }, { .status = 500 }, { .status = 0 }, { PART, .cut = 500 }, { PART },
    };
    struct opened opened;
    uint64_t first;

    (void)state;
    set_up(&opened, replies, COUNT(replies));
    assert_true(read_at(&opened, 0, READ));
    assert_int_equal(asked(&opened, 0, &first), 128 * 1024);
    assert_int_equal(asked(&opened, 3, &first), 128 * 1024 - 1000);
    assert_int_equal(first, 1000);
    assert_int_equal(asked(&opened, 4, &first), 128 * 1024 - 1500);
    assert_true(read_all(&opened));
    tear_down(&opened);
}

static void test_s3_ranges_survives_faults_on_the_way(void **state)
{
    static const struct canned_reply replies[] = {
        { PART },          { PART },          { PART, .cut = 70000 }, { .status = 0 }, { PART },
        { .status = 502 }, { .status = 500 }, { PART, .cut = 1 },     { PART },
    };
    struct opened opened;

    (void)state;
    /* One range may get all the faults. */
    set_up_with(&opened, replies, COUNT(replies), COUNT(replies));
    assert_true(read_all(&opened));
    tear_down(&opened);
}

static void expect_failure(const struct canned_reply *replies, size_t count, enum error_kind kind,
                           const char *word)
{
    struct opened opened;

    set_up(&opened, replies, count);
    assert_false(read_all(&opened));
    assert_int_equal(opened.fixture.err.kind, kind);
    assert_string_equal(opened.fixture.err.word, word);
    assert_non_null(strstr(opened.fixture.err.text, "GetObject s3://bucket/k"));
    assert_false(read_at(&opened, 0, 1)); /* and stays failed */
    tear_down(&opened);
}

static void test_s3_ranges_fails_when_the_object_changes_midway(void **state)
{
    static const struct canned_reply refused[] = {
        { PART }, { PART }, { PART }, { PART }, { .status = 412 },
    };
    static const struct canned_reply not_refused[] = {
        { PART, .headers = "ETag: \"e1\"\r\n" },
        { PART, .headers = "ETag: e1\r\n" },
        { PART, .headers = "ETag: \"e2\"\r\n" },
    };
    static const struct canned_reply gone[] = { { PART }, { PART }, { .status = 404 } };

    (void)state;
    expect_failure(refused, COUNT(refused), ERROR_OBJECT, "S3.PreconditionFailed");
    expect_failure(not_refused, COUNT(not_refused), ERROR_OBJECT, "S3.PreconditionFailed");
    expect_failure(gone, COUNT(gone), ERROR_NOT_FOUND, "S3.NoSuchKey");
}

static void test_s3_ranges_believes_no_other_bytes_than_it_asked_for(void **state)
{
    static const struct canned_reply whole[] = {
        { .status = 200, .body = bytes, .body_size = SIZE },
    };
    static const struct canned_reply elsewhere[] = {
        { .status = 206, .headers = "Content-Range: bytes 1-131072/6291463\r\n", .body = "01234" },
    };
    static const struct canned_reply other_size[] = {
        { .status = 206, .headers = "Content-Range: bytes 0-131071/6291464\r\n", .body = "01234" },
    };
    static const struct canned_reply shorter[] = {
        { .status = 206, .headers = "Content-Range: bytes 0-131071/6291463\r\n", .body = "01234" },
    };

    (void)state;
    expect_failure(whole, COUNT(whole), ERROR_OBJECT, "S3.InvalidResponse");
    expect_failure(elsewhere, COUNT(elsewhere), ERROR_OBJECT, "S3.InvalidResponse");
    expect_failure(other_size, COUNT(other_size), ERROR_OBJECT, "S3.InvalidResponse");
    expect_failure(shorter, COUNT(shorter), ERROR_TRANSIENT, "S3.SizeMismatch");
}

/* Reads all, or only a little, of an object with this MD5 in its ETag. */
static bool check(const char *md5, bool all, const char *more_headers, struct error *err)
{
    char *headers = memory_format("ETag: \"%s\"\r\n%s", md5, more_headers);
    const struct canned_reply replies[] = { { PART, .headers = headers } };
    struct opened opened;
    bool ok;

    object.etag = memory_format("\"%s\"", md5);
    set_up(&opened, replies, COUNT(replies));
    assert_true(all ? read_all(&opened) : read_at(&opened, UINT64_C(3) * MIB, READ));
    ok = s3_ranges_check(opened.ranges, err);
    tear_down(&opened);
    free(object.etag);
    object.etag = etag;
    free(headers);
    return ok;
}

/* An object of one upload has the MD5 of its bytes for an ETag. */
static void test_s3_ranges_check_compares_the_whole_with_the_etag(void **state)
{
    static const char other[] = "00000000000000000000000000000000";
    char right[2 * MD5_SIZE + 1];
    uint8_t digest[MD5_SIZE];
    struct error err;

    (void)state;
    digest_md5(bytes, SIZE, digest);
    digest_hex(digest, sizeof(digest), right);
    assert_true(check(right, true, "", &err));
    assert_false(check(other, true, "", &err));
    assert_int_equal(err.kind, ERROR_TRANSIENT);
    assert_string_equal(err.word, "S3.ChecksumMismatch");
    assert_true(check(other, true, "x-amz-server-side-encryption: aws:kms\r\n", &err));
    assert_true(check(right, false, "", &err)); /* what is missing is fetched */
}

/* Reads all of an object in parts, of which later readings get other bytes. */
static bool check_parts(size_t part_size, bool changes, size_t *read_again, struct error *err)
{
    static const struct canned_reply replies[] = { { PART } };
    uint8_t digests[2][MD5_SIZE];
    char md5[2 * MD5_SIZE + 1];
    const char kept = bytes[5];
    struct opened opened;
    bool ok;

    digest_md5(bytes, part_size, digests[0]);
    digest_md5(bytes + part_size, SIZE - part_size, digests[1]);
    digest_md5(digests, sizeof(digests), digests[0]);
    object.etag = memory_format("\"%s-2\"", digest_hex(digests[0], MD5_SIZE, md5));
    set_up(&opened, replies, COUNT(replies));
    assert_true(read_all(&opened));
    *read_again = canned_server_requests(opened.fixture.server);
    if (changes)
        bytes[5] = (char)~kept;
    ok = s3_ranges_check(opened.ranges, err);
    bytes[5] = kept;
    *read_again = canned_server_requests(opened.fixture.server) - *read_again;
    tear_down(&opened);
    free(object.etag);
    object.etag = etag;
    return ok;
}

/* One of an upload in parts has the MD5 of their MD5s, and not their size. */
static void test_s3_ranges_check_reads_parts_of_unusual_size_twice(void **state)
{
    struct error err;
    size_t read_again;

    (void)state;
    assert_true(check_parts(5 * (size_t)MIB, true, &read_again, &err));
    assert_int_equal(read_again, 0);
    assert_true(check_parts(4 * (size_t)MIB + 1, false, &read_again, &err));
    assert_int_equal(read_again, 3);
    assert_false(check_parts(4 * (size_t)MIB + 1, true, &read_again, &err));
    assert_int_equal(err.kind, ERROR_TRANSIENT);
    assert_string_equal(err.word, "S3.ChecksumMismatch");
}

static void test_s3_ranges_gives_up_when_nothing_arrives_any_more(void **state)
{
    static const struct canned_reply replies[] = { { PART }, { PART, .cut = 9 }, { .status = 0 } };

    (void)state;
    expect_failure(replies, COUNT(replies), ERROR_TRANSIENT, "S3.ConnectionFailed");
}

static void test_s3_ranges_stops_when_abandoned(void **state)
{
    static const struct canned_reply replies[] = { { PART }, { PART }, { .status = 503 } };
    struct opened opened;

    (void)state;
    set_up(&opened, replies, COUNT(replies));
    assert_true(read_at(&opened, 0, READ));
    cancel_stop(&opened.fixture.cancel, 0);
    assert_false(read_all(&opened));
    assert_int_equal(opened.fixture.err.kind, ERROR_CANCELLED);
    tear_down(&opened);
}

static void test_s3_ranges_close_does_not_wait_for_what_is_under_way(void **state)
{
    static const struct canned_reply replies[] = {
        { PART },
        { .status = 503, .headers = "x-amz-retry-after: 60000\r\n" },
    };
    struct opened opened;

    (void)state;
    set_up(&opened, replies, COUNT(replies));
    assert_true(read_at(&opened, 0, UINT64_C(100) * 1024)); /* more is on its way, slowly */
    tear_down(&opened);
}

static void test_s3_ranges_asks_for_the_version_of_the_list(void **state)
{
    static const struct canned_reply replies[] = { { PART } };
    static char version[] = "v 1";
    struct opened opened;

    (void)state;
    object.version_id = version;
    set_up(&opened, replies, COUNT(replies));
    assert_true(read_at(&opened, 0, READ));
    assert_true(canned_server_saw(opened.fixture.server, 0, "?versionId=v%201 "));
    object.version_id = NULL;
    tear_down(&opened);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_s3_ranges_reads_every_byte_once),
        cmocka_unit_test(test_s3_ranges_reads_in_one_piece_too),
        cmocka_unit_test(test_s3_ranges_fetches_little_when_little_is_read),
        cmocka_unit_test(test_s3_ranges_fetches_again_what_it_dropped),
        cmocka_unit_test(test_s3_ranges_takes_what_the_budget_has),
        cmocka_unit_test(test_s3_ranges_goes_on_at_the_last_byte),
        cmocka_unit_test(test_s3_ranges_survives_faults_on_the_way),
        cmocka_unit_test(test_s3_ranges_fails_when_the_object_changes_midway),
        cmocka_unit_test(test_s3_ranges_believes_no_other_bytes_than_it_asked_for),
        cmocka_unit_test(test_s3_ranges_check_compares_the_whole_with_the_etag),
        cmocka_unit_test(test_s3_ranges_check_reads_parts_of_unusual_size_twice),
        cmocka_unit_test(test_s3_ranges_gives_up_when_nothing_arrives_any_more),
        cmocka_unit_test(test_s3_ranges_stops_when_abandoned),
        cmocka_unit_test(test_s3_ranges_close_does_not_wait_for_what_is_under_way),
        cmocka_unit_test(test_s3_ranges_asks_for_the_version_of_the_list),
    };

    for (size_t i = 0; i < SIZE; i++)
        bytes[i] = (char)((i * 2654435761u) >> 13);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
