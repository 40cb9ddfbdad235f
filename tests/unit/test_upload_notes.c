/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "run/document.h"
#include "run/upload_notes.h"
#include "scratch.h"
#include "store/store_listing.h"

static struct location place;

static struct upload_notes *open_notes(struct s3_upload_notes *for_s3)
{
    struct upload_notes *notes;
    struct error err;

    assert_true(location_parse(scratch_path(), &place, &err));
    notes = upload_notes_new(&place, NULL, NULL);
    *for_s3 = upload_notes_for_s3(notes);
    return notes;
}

/* The uploads in the one note there is; release them. */
static json_t *noted(void)
{
    struct location below;
    struct object object;
    struct store_listing *listing;
    struct store *store;
    struct error err;
    json_t *uploads;
    json_t *note;
    bool found = false;

    location_below(&place, UPLOAD_NOTES_FOLDER, &below);
    store = store_open(&below, NULL, NULL, false, &err);
    listing = store_listing_open(store, NULL);
    assert_true(store_listing_next(listing, &object, &found, &err));
    assert_true(found);
    note = document_read(store, object.key, &err);
    assert_non_null(note);
    assert_true(json_is_string(json_object_get(note, "process")));
    uploads = json_incref(json_object_get(note, "uploads"));
    json_decref(note);
    object_release(&object);
    store_listing_close(listing);
    store_close(store);
    location_release(&below);
    return uploads;
}

static void expect(size_t index, size_t count, const char *key, const char *id)
{
    json_t *uploads = noted();
    const json_t *upload = json_array_get(uploads, index);
    const char *seen = json_string_value(json_object_get(upload, "id"));

    assert_int_equal(json_array_size(uploads), count);
    assert_string_equal(json_string_value(json_object_get(upload, "bucket")), "b");
    assert_string_equal(json_string_value(json_object_get(upload, "key")), key);
    assert_true(json_integer_value(json_object_get(upload, "since")) > 0);
    assert_string_equal(seen ? seen : "none", id);
    json_decref(uploads);
}

static void test_upload_notes_are_there_when_the_call_returns(void **state)
{
    struct s3_upload_notes for_s3;
    struct upload_notes *notes = open_notes(&for_s3);
    uint64_t first;
    uint64_t second;

    (void)state;
    assert_int_equal(scratch_count("."), 0);
    first = for_s3.intend(for_s3.to, "b", "k1");
    assert_true(first > 0);
    expect(0, 1, "k1", "none");
    second = for_s3.intend(for_s3.to, "b", "k2");
    assert_true(second != first);
    for_s3.begun(for_s3.to, second, "U2");
    expect(1, 2, "k2", "U2");
    for_s3.ended(for_s3.to, first);
    for_s3.begun(for_s3.to, for_s3.intend(for_s3.to, "b", "k3"), "U3");
    expect(0, 2, "k2", "U2");
    upload_notes_free(notes);
    assert_int_equal(scratch_count(UPLOAD_NOTES_FOLDER), 1);
    location_release(&place);
}

static void test_upload_notes_go_when_all_uploads_are_over(void **state)
{
    struct s3_upload_notes for_s3;
    struct upload_notes *notes = open_notes(&for_s3);
    uint64_t number = for_s3.intend(for_s3.to, "b", "k1");

    (void)state;
    for_s3.begun(for_s3.to, number, "U1");
    for_s3.ended(for_s3.to, number);
    upload_notes_free(notes);
    assert_int_equal(scratch_count(UPLOAD_NOTES_FOLDER), 0);
    location_release(&place);
}

static void test_upload_notes_of_no_upload_are_not_made(void **state)
{
    struct s3_upload_notes for_s3;

    (void)state;
    upload_notes_free(open_notes(&for_s3));
    upload_notes_free(NULL);
    assert_int_equal(scratch_count("."), 0);
    location_release(&place);
}

static void test_upload_notes_that_cannot_be_written_stop_no_upload(void **state)
{
    struct s3_upload_notes for_s3;
    struct upload_notes *notes = open_notes(&for_s3);
    uint64_t number;

    (void)state;
    scratch_file(UPLOAD_NOTES_FOLDER, "in the way");
    number = for_s3.intend(for_s3.to, "b", "k1");
    for_s3.begun(for_s3.to, number, "U1");
    for_s3.ended(for_s3.to, number);
    upload_notes_free(notes);
    location_release(&place);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_make, scratch_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_upload_notes_are_there_when_the_call_returns),
        TEST(test_upload_notes_go_when_all_uploads_are_over),
        TEST(test_upload_notes_of_no_upload_are_not_made),
        TEST(test_upload_notes_that_cannot_be_written_stop_no_upload),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
