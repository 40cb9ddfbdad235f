/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "s3_fixture.h"
#include "scratch.h"
#include "store/store_input.h"
#include "store/store_listing.h"

enum { LARGE = 16 * 1024 * 1024 + 1 };

static void ignore(void *waiter)
{
    (void)waiter;
}

static const struct reader_waits waits = { ignore, ignore, NULL };

static struct location folder_here(void)
{
    struct location location;
    struct error err;

    assert_true(location_parse(scratch_path(), &location, &err));
    return location;
}

/* Opens the only file there is, as it is listed. */
static struct store_input *open_only(struct store *store, struct object *object,
                                     struct spool *spool, struct error *err)
{
    struct store_listing *listing = store_listing_open(store, NULL);
    bool found;

    assert_true(store_listing_next(listing, object, &found, err) && found);
    store_listing_close(listing);
    return store_input_open(store, object, spool, &waits, err);
}

static void check_folder(size_t size, bool in_spool)
{
    struct location location = folder_here();
    char *path = memory_format("%s/a", scratch_path());
    struct budget budget;
    struct spool spool;
    struct store *store;
    struct store_input *input;
    struct object object;
    struct reader reader;
    struct error err;
    char byte;
    size_t got;

    budget_init(&budget, UINT64_C(1024) * 1024);
    spool_init(&spool, &budget);
    scratch_file("a", "x");
    assert_int_equal(truncate(path, (off_t)size), 0);
    store = store_open(&location, NULL, NULL, false, &err);
    input = open_only(store, &object, &spool, &err);
    assert_non_null(input);
    reader = store_input_reader(input);
    assert_int_equal(reader.size, size);
    assert_int_equal(spool.size, in_spool ? size : 0);
    assert_true(reader_read(&reader, 0, &byte, 1, &got, &err));
    assert_int_equal(byte, 'x');
    assert_true(store_input_check(input, &err));
    assert_int_equal(truncate(path, 5), 0);
    assert_int_equal(store_input_check(input, &err), in_spool);
    error_set(&err, ERROR_MEDIA, "Media.InvalidData", "no end");
    assert_false(store_input_judge(input, false, &err));
    assert_int_equal(err.kind == ERROR_MEDIA, in_spool);
    error_set(&err, ERROR_CANCELLED, "Avmap.Interrupted", "interrupted");
    assert_false(store_input_judge(input, false, &err));
    assert_int_equal(err.kind, ERROR_CANCELLED);
    assert_int_equal(store_input_judge(input, true, &err), in_spool);
    store_input_close(input);
    object_release(&object);
    store_close(store);
    spool_release(&spool);
    location_release(&location);
    free(path);
}

static void test_store_input_reads_a_large_file_where_it_is(void **state)
{
    (void)state;
    check_folder(LARGE, false);
}

static void test_store_input_copies_a_small_file(void **state)
{
    (void)state;
    check_folder(LARGE - 1, true);
}

/* Opens an object in S3 and reads its first byte. */
static void check_s3(struct object object, const char *first_request, bool in_ranges)
{
    static char body[LARGE];
    static const struct canned_reply ranges[] = {
        { .status = 206, .body = body, .body_size = LARGE, .by_range = true },
    };
    static const struct canned_reply whole[] = {
        { .status = 200, .headers = "ETag: \"e\"\r\n", .body = body, .body_size = LARGE },
    };
    struct location location = { .kind = LOCATION_S3, .container = (char[]){ "bucket" } };
    struct s3_fixture fixture;
    struct store *store;
    struct store_input *input;
    struct reader reader;
    char byte;
    size_t got;

    s3_fixture_open(&fixture, in_ranges ? ranges : whole, 1);
    store = store_open(&location, fixture.service, &fixture.cancel, false, &fixture.err);
    input = store_input_open(store, &object, &fixture.spool, &waits, &fixture.err);
    assert_non_null(input);
    reader = store_input_reader(input);
    assert_int_equal(reader.size, LARGE);
    assert_true(reader_read(&reader, 0, &byte, 1, &got, &fixture.err));
    assert_true(canned_server_saw(fixture.server, 0, first_request));
    assert_int_equal(fixture.spool.size, in_ranges ? 0 : LARGE);
    assert_true(store_input_check(input, &fixture.err));
    store_input_close(input);
    store_close(store);
    s3_fixture_close(&fixture);
}

static void test_store_input_reads_a_large_object_in_ranges(void **state)
{
    static char key[] = "k";
    static char etag[] = "\"e\"";
    static char version[] = "v";

    (void)state;
    check_s3((struct object){ .key = key, .etag = etag, .size = LARGE },
             "\r\nrange: bytes=0-131071\r\n", true);
    check_s3((struct object){ .key = key, .version_id = version, .size = LARGE },
             "\r\nrange: bytes=0-131071\r\n", true);
}

/* Without it, ranges might be of different versions. */
static void test_store_input_takes_an_object_whole_that_nothing_pins(void **state)
{
    static char key[] = "k";

    (void)state;
    check_s3((struct object){ .key = key, .size = LARGE }, "GET /bucket/k ", false);
}

/* The second object is not tried in ranges any more. */
static void test_store_input_takes_objects_whole_from_servers_without_ranges(void **state)
{
    static char body[LARGE];
    static char key[] = "k";
    static char etag[] = "\"e\"";
    static const struct canned_reply whole[] = {
        { .status = 200, .headers = "ETag: \"e\"\r\n", .body = body, .body_size = LARGE },
    };
    const struct object object = { .key = key, .etag = etag, .size = LARGE };
    struct location location = { .kind = LOCATION_S3, .container = (char[]){ "bucket" } };
    struct s3_fixture fixture;
    struct store *store;

    (void)state;
    body[LARGE - 1] = 'z';
    s3_fixture_open(&fixture, whole, 1);
    store = store_open(&location, fixture.service, &fixture.cancel, false, &fixture.err);
    for (size_t i = 0; i < 2; i++) {
        struct store_input *input =
            store_input_open(store, &object, &fixture.spool, &waits, &fixture.err);
        struct reader reader;
        char bytes[2];
        size_t got;

        assert_non_null(input);
        reader = store_input_reader(input);
        assert_int_equal(reader.size, LARGE);
        assert_true(reader_read(&reader, LARGE - 1, bytes, 2, &got, &fixture.err));
        assert_int_equal(got, 1);
        assert_int_equal(bytes[0], 'z');
        assert_true(store_input_check(input, &fixture.err));
        store_input_close(input);
        spool_clear(&fixture.spool);
    }
    assert_true(canned_server_saw(fixture.server, 0, "\r\nrange: "));
    assert_false(canned_server_saw(fixture.server, canned_server_requests(fixture.server) - 1,
                                   "\r\nrange: "));
    assert_true(canned_server_saw(fixture.server, canned_server_requests(fixture.server) - 1,
                                  "if-match: \"e\""));
    store_close(store);
    s3_fixture_close(&fixture);
}

static void test_store_input_fails_for_good_when_the_whole_cannot_be_had(void **state)
{
    static char body[LARGE];
    static char key[] = "k";
    static char etag[] = "\"e\"";
    static const struct canned_reply replies[] = {
        { .status = 200, .headers = "ETag: \"e\"\r\n", .body = body, .body_size = LARGE },
        { .status = 412 },
    };
    const struct object object = { .key = key, .etag = etag, .size = LARGE };
    struct location location = { .kind = LOCATION_S3, .container = (char[]){ "bucket" } };
    struct store_input *input;
    struct s3_fixture fixture;
    struct reader reader;
    struct store *store;
    size_t requests;
    size_t got;
    char byte;

    (void)state;
    s3_fixture_open(&fixture, replies, 2);
    store = store_open(&location, fixture.service, &fixture.cancel, false, &fixture.err);
    input = store_input_open(store, &object, &fixture.spool, &waits, &fixture.err);
    reader = store_input_reader(input);
    assert_false(reader_read(&reader, 0, &byte, 1, &got, &fixture.err));
    assert_string_equal(fixture.err.word, "S3.PreconditionFailed");
    requests = canned_server_requests(fixture.server);
    fixture.err = (struct error){ 0 };
    assert_false(reader_read(&reader, 0, &byte, 1, &got, &fixture.err));
    assert_string_equal(fixture.err.word, "S3.PreconditionFailed");
    assert_false(store_input_check(input, &fixture.err));
    assert_int_equal(canned_server_requests(fixture.server), requests);
    store_input_close(input);
    store_close(store);
    s3_fixture_close(&fixture);
}

#define WITH_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SCRATCH(test_store_input_reads_a_large_file_where_it_is),
        WITH_SCRATCH(test_store_input_copies_a_small_file),
        cmocka_unit_test(test_store_input_reads_a_large_object_in_ranges),
        cmocka_unit_test(test_store_input_takes_an_object_whole_that_nothing_pins),
        cmocka_unit_test(test_store_input_takes_objects_whole_from_servers_without_ranges),
        cmocka_unit_test(test_store_input_fails_for_good_when_the_whole_cannot_be_had),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
