/* SPDX-License-Identifier: MIT */

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "directory/directory_file.h"
#include "scratch.h"

static char key[] = "in/file";
static struct error err;

static struct directory_file *open_listed(struct object *object)
{
    struct stat status;

    scratch_file(key, "0123456789");
    assert_int_equal(fstatat(scratch_root(), key, &status, 0), 0);
    *object = (struct object){
        .key = key,
        .size = (uint64_t)status.st_size,
        .modified_ms = (int64_t)status.st_mtim.tv_sec * 1000 + status.st_mtim.tv_nsec / 1000000,
    };
    return directory_file_open(scratch_root(), object, &err);
}

static void test_directory_file_reads_anywhere_up_to_the_end(void **state)
{
    struct object object;
    struct directory_file *file = open_listed(&object);
    struct reader reader = directory_file_reader(file);
    char bytes[8];
    size_t got;

    (void)state;
    assert_int_equal(reader.size, 10);
    assert_true(reader_read(&reader, 7, bytes, 8, &got, &err));
    assert_int_equal(got, 3);
    assert_memory_equal(bytes, "789", 3);
    assert_true(reader_read(&reader, 1, bytes, 2, &got, &err));
    assert_memory_equal(bytes, "12", 2);
    assert_true(reader_read(&reader, 10, bytes, 8, &got, &err));
    assert_int_equal(got, 0);
    assert_true(directory_file_check(file, &err));
    directory_file_close(file);
}

static void test_directory_file_notices_a_change_while_it_is_read(void **state)
{
    static const struct timespec later[2] = { { 1, 0 }, { 1, 0 } };
    struct object object;
    struct directory_file *file = open_listed(&object);
    struct reader reader = directory_file_reader(file);
    char bytes[8];
    size_t got;

    (void)state;
    assert_int_equal(utimensat(scratch_root(), key, later, 0), 0);
    assert_true(reader_read(&reader, 0, bytes, 8, &got, &err));
    assert_false(directory_file_check(file, &err));
    assert_int_equal(err.kind, ERROR_OBJECT);
    assert_string_equal(err.word, "File.Changed");
    directory_file_close(file);
}

static void test_directory_file_notices_that_it_became_shorter_or_longer(void **state)
{
    struct object object;
    struct directory_file *file = open_listed(&object);
    struct reader reader = directory_file_reader(file);
    char bytes[8];
    size_t got;

    (void)state;
    scratch_file(key, "0123456789a");
    assert_false(directory_file_check(file, &err));
    scratch_file(key, "01234");
    assert_false(reader_read(&reader, 2, bytes, 8, &got, &err));
    assert_string_equal(err.word, "File.Changed");
    directory_file_close(file);
}

static void test_directory_file_open_refuses_what_was_not_listed(void **state)
{
    struct object object;

    (void)state;
    directory_file_close(open_listed(&object));
    object.size = 9;
    assert_null(directory_file_open(scratch_root(), &object, &err));
    assert_string_equal(err.word, "File.Changed");
    object.key = (char[]){ "in/other" };
    assert_null(directory_file_open(scratch_root(), &object, &err));
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
    directory_file_close(NULL);
}

#define WITH_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SCRATCH(test_directory_file_reads_anywhere_up_to_the_end),
        WITH_SCRATCH(test_directory_file_notices_a_change_while_it_is_read),
        WITH_SCRATCH(test_directory_file_notices_that_it_became_shorter_or_longer),
        WITH_SCRATCH(test_directory_file_open_refuses_what_was_not_listed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
