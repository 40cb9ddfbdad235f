/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "items/item_source.h"
#include "scratch.h"
#include "store_fixture.h"

#define NAME "0368d065-1670-3b07-acfb-99a58f74a638"

static struct error err;

/* The items of one file with this text; at most count of them. Gives how many there were. */
static size_t read_all(const char *text, struct item *items, size_t count)
{
    char key[] = "FAILED_0.json";
    struct record_file file = { key, strlen(text) };
    struct record_files files = { store_fixture.store, &file, 1, "in" };
    struct item_source *source;
    bool found = true;
    size_t read = 0;

    scratch_file(key, text);
    source = items_from_records(&files, &err);
    assert_non_null(source);
    while (found) {
        struct item item;

        if (!source->next(source, &item, &found, &err))
            fail_msg("%s", err.text);
        if (found && read < count)
            items[read] = item;
        else
            item_release(&item);
        read += found;
    }
    source->close(source);
    return read;
}

static void test_items_from_records_reads_arrays_and_lines(void **state)
{
    static const char *const texts[] = {
        "[{\"Input\":\"{\\\"Key\\\":\\\"a\\\"}\"},{\"Input\":\"{\\\"Key\\\":\\\"b\\\"}\"}]",
        "{\"Input\":\"{\\\"Key\\\":\\\"a\\\"}\"}\n{\"Input\":\"{\\\"Key\\\":\\\"b\\\"}\"}\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct item items[2] = { 0 };

        assert_int_equal(read_all(texts[i], items, 2), 2);
        assert_string_equal(items[0].object.key, "a");
        assert_string_equal(items[1].object.key, "b");
        item_release(&items[0]);
        item_release(&items[1]);
    }
    assert_int_equal(read_all("", NULL, 0), 0);
    assert_int_equal(read_all("[]", NULL, 0), 0);
}

static void test_items_from_records_takes_an_item_as_it_is_by_now(void **state)
{
    struct item item = { 0 };

    (void)state;
    assert_int_equal(read_all("[{\"Error\":\"Avmap.NameCollision\",\"Name\":\"" NAME
                              "\",\"RedriveCount\":2,\"Input\":\"{\\\"Bucket\\\":\\\"in\\\","
                              "\\\"Etag\\\":\\\"e\\\",\\\"Index\\\":7,\\\"Key\\\":\\\"a\\\","
                              "\\\"LastModified\\\":5,\\\"Size\\\":9}\"}]",
                              &item, 1),
                     1);
    assert_null(item.object.bucket); /* it is the source's */
    assert_null(item.object.etag);
    assert_true(item.object.needs_look_up);
    assert_int_equal(item.object.size, 9);
    assert_true(item.indexed);
    assert_int_equal(item.index, 7);
    assert_string_equal(item.execution, NAME);
    assert_int_equal(item.redrives, 3);
    assert_true(item.collided);
    item_release(&item);
}

static void test_items_from_records_keeps_versions_and_other_buckets(void **state)
{
    struct item item = { 0 };

    (void)state;
    assert_int_equal(read_all("[{\"Input\":\"{\\\"Bucket\\\":\\\"other\\\",\\\"Etag\\\":\\\"e\\\","
                              "\\\"Key\\\":\\\"a\\\",\\\"VersionId\\\":\\\"v\\\"}\"}]",
                              &item, 1),
                     1);
    assert_string_equal(item.object.bucket, "other");
    assert_string_equal(item.object.version_id, "v");
    assert_string_equal(item.object.etag, "\"e\"");
    assert_null(item.execution);
    assert_int_equal(item.redrives, 0);
    item_release(&item);
}

static void test_items_from_records_unpacks_batches(void **state)
{
    struct item items[3] = { 0 };

    (void)state;
    assert_int_equal(
        read_all("[{\"Input\":\"{\\\"Items\\\":[{\\\"Key\\\":\\\"a\\\"},5,\\\"b\\\"]}\"},"
                 "{\"Input\":\"{\\\"Items\\\":[]}\"}]",
                 items, 3),
        3);
    assert_string_equal(items[0].object.key, "a");
    assert_non_null(items[1].problem);
    assert_string_equal(items[2].object.key, "b");
    for (int i = 0; i < 3; i++)
        item_release(&items[i]);
}

static void test_items_from_records_costs_bad_ones_only_themselves(void **state)
{
    static const char *const records[] = {
        "7",
        "\"x\"",
        "{}",
        "{\"Input\":7}",
        "{\"Input\":\"{\"}",
        "{\"Input\":\"7\"}",
        "{\"Input\":\"{\\\"Key\\\":5}\"}",
        "{\"Input\":\"{\\\"Problem\\\":5}\"}",
        "{\"Input\":\"[]\"}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
        char text[200];
        struct item items[2] = { 0 };

        snprintf(text, sizeof(text), "[%s,\n{\"Input\":\"{\\\"Key\\\":\\\"b\\\"}\"}]", records[i]);
        assert_int_equal(read_all(text, items, 2), 2);
        assert_non_null(items[0].problem);
        assert_string_equal(items[0].object.key, "FAILED_0.json:1");
        assert_null(items[1].problem);
        item_release(&items[0]);
        item_release(&items[1]);
    }
}

static void test_items_from_records_keeps_the_place_of_an_earlier_problem(void **state)
{
    struct item item = { 0 };

    (void)state;
    assert_int_equal(
        read_all(
            "[{\"Input\":\"{\\\"Key\\\":\\\"s3://in/list:4\\\",\\\"Problem\\\":\\\"bad\\\"}\"}]",
            &item, 1),
        1);
    assert_string_equal(item.object.key, "s3://in/list:4");
    assert_string_equal(item.problem, "bad");
    item_release(&item);
}

static void test_items_from_records_refuses_files_of_another_size(void **state)
{
    static const uint64_t sizes[] = { 1, 3 };

    (void)state;
    scratch_file("FAILED_0.json", "[]");
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        char key[] = "FAILED_0.json";
        struct record_file file = { key, sizes[i] };
        struct record_files files = { store_fixture.store, &file, 1, NULL };

        assert_null(items_from_records(&files, &err));
        assert_string_equal(err.word, "Avmap.BadManifest");
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, store_fixture_make, store_fixture_remove)
    const struct CMUnitTest tests[] = {
        TEST(test_items_from_records_reads_arrays_and_lines),
        TEST(test_items_from_records_takes_an_item_as_it_is_by_now),
        TEST(test_items_from_records_keeps_versions_and_other_buckets),
        TEST(test_items_from_records_unpacks_batches),
        TEST(test_items_from_records_costs_bad_ones_only_themselves),
        TEST(test_items_from_records_keeps_the_place_of_an_earlier_problem),
        TEST(test_items_from_records_refuses_files_of_another_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
