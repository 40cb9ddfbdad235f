/* SPDX-License-Identifier: MIT */

/* Folders; the S3 side is tested where streams are, and against a server. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "scratch.h"
#include "store/store_write.h"

enum { MIB = 1024 * 1024, LARGE = 17 * MIB };

static const struct store_put_request plain = { .recipe = "r1" };
static struct location place;
static struct budget budget;
static struct spool spool;
static struct store *store;
static struct store_write put;
static struct error err;

static void open_write(const struct store_put_request *request)
{
    assert_true(location_parse(scratch_path(), &place, &err));
    store = store_open(&place, NULL, NULL, false, &err);
    assert_non_null(store);
    budget_init(&budget, UINT64_C(64) * MIB);
    spool_init(&spool, &budget);
    store_write_open(&put, store, "a/b.bin", request, &spool);
}

static void write_letters(uint64_t offset, char letter, size_t size)
{
    char *bytes = memory_new(size, 1);

    memset(bytes, letter, size);
    assert_true(writer_write(&put.writer, offset, bytes, size, &err));
    free(bytes);
}

static void close_all(void)
{
    store_write_close(&put);
    store_write_close(&put);
    spool_release(&spool);
    store_close(store);
    location_release(&place);
}

static void test_store_write_collects_what_is_small(void **state)
{
    (void)state;
    open_write(&plain);
    write_letters(0, 'x', 1000);
    write_letters(0, 'y', 1);
    assert_int_equal(spool.file, -1);
    assert_int_equal(scratch_count("."), 0);
    assert_true(store_write_finish(&put, NULL, &err));
    close_all();
    assert_int_equal(scratch_count("a"), 1);
}

static void test_store_write_goes_on_in_the_file_when_large(void **state)
{
    char *bytes;
    size_t size = 0;

    (void)state;
    open_write(&plain);
    for (uint64_t at = 0; at < LARGE; at += MIB)
        write_letters(at, 'x', MIB);
    write_letters(3, 'y', 2);
    assert_true(put.writer.spool->file >= 0);
    assert_int_equal(budget.left_bytes, UINT64_C(64) * MIB);
    assert_true(spool_read(put.writer.spool, 0, (char[8]){ 0 }, 8, &size, &err));
    assert_true(store_write_finish(&put, NULL, &err));
    close_all();
    bytes = scratch_read("a/b.bin");
    assert_int_equal(strlen(bytes), LARGE);
    assert_memory_equal(bytes, "xxxyyxxx", 8);
    assert_int_equal(bytes[LARGE - 1], 'x');
    free(bytes);
    assert_int_equal(scratch_count("a"), 1);
}

static void test_store_write_leaves_nothing_when_not_finished(void **state)
{
    (void)state;
    open_write(&plain);
    write_letters(0, 'x', LARGE);
    close_all();
    assert_int_equal(scratch_count("a"), 0);
}

static void test_store_write_of_new_objects_only_leaves_what_is_there(void **state)
{
    struct store_put_request only_new = plain;

    (void)state;
    only_new.only_new = true;
    open_write(&only_new);
    scratch_file("a/b.bin", "old");
    write_letters(0, 'x', LARGE);
    assert_false(store_write_finish(&put, NULL, &err));
    assert_string_equal(err.word, "Avmap.AlreadyExists");
    assert_true(put.failed);
    close_all();
    assert_int_equal(scratch_count("a"), 1);
}

static void test_store_write_notes_that_the_place_is_full(void **state)
{
    char *bytes = memory_new(LARGE, 1);

    (void)state;
    if (!scratch_mount("a", MIB))
        skip();
    open_write(&plain);
    assert_false(writer_write(&put.writer, 0, bytes, LARGE, &err));
    assert_string_equal(err.word, "Avmap.DiskFull");
    put.failed = false;
    assert_false(writer_write(&put.writer, LARGE, bytes, LARGE, &err));
    assert_true(put.failed);
    free(bytes);
    close_all();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_make, scratch_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_store_write_collects_what_is_small),
        TEST(test_store_write_goes_on_in_the_file_when_large),
        TEST(test_store_write_leaves_nothing_when_not_finished),
        TEST(test_store_write_of_new_objects_only_leaves_what_is_there),
        TEST(test_store_write_notes_that_the_place_is_full),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
