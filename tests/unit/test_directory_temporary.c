/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "directory/directory_temporary.h"
#include "scratch.h"

static struct error err;

/* A complete file that holds text, with its temporary name. */
static void complete(struct directory_temporary *temporary, const char *final, const char *text)
{
    size_t length = strlen(text);

    assert_true(directory_temporary_open(temporary, scratch_root(), final, &err));
    assert_int_equal(write(temporary->file, text, length), length);
    assert_true(directory_temporary_complete(temporary, &err));
    assert_int_equal(temporary->file, -1);
}

static void check_text(const struct directory_temporary *temporary, const char *expected)
{
    char *text = scratch_read(temporary->name);

    assert_non_null(text);
    assert_string_equal(text, expected);
    free(text);
}

static void test_directory_temporary_close_leaves_nothing(void **state)
{
    struct directory_temporary temporary;

    (void)state;
    assert_true(directory_temporary_open(&temporary, scratch_root(), "a.wav", &err));
    directory_temporary_close(&temporary);
    directory_temporary_close(&temporary);
    complete(&temporary, "a.wav", "x");
    check_text(&temporary, "x");
    directory_temporary_close(&temporary);
    assert_int_equal(scratch_count("."), 0);
}

static void test_directory_temporary_complete_removes_what_a_killed_process_left(void **state)
{
    struct directory_temporary temporary;
    pid_t child = fork();
    int status;

    (void)state;
    if (child == 0) {
        complete(&temporary, "a.wav", "left");
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(scratch_count("."), 1);
    complete(&temporary, "b.wav", "of another name");
    directory_temporary_close(&temporary);
    assert_int_equal(scratch_count("."), 1);
    complete(&temporary, "a.wav", "new");
    assert_int_equal(scratch_count("."), 1);
    check_text(&temporary, "new");
    directory_temporary_close(&temporary);
    assert_int_equal(scratch_count("."), 0);
}

static void test_directory_temporary_complete_leaves_what_is_held(void **state)
{
    struct directory_temporary one;
    struct directory_temporary other;

    (void)state;
    complete(&one, "a.wav", "one");
    complete(&other, "a.wav", "other");
    assert_string_not_equal(one.name, other.name);
    check_text(&one, "one");
    check_text(&other, "other");
    directory_temporary_close(&other);
    check_text(&one, "one");
    directory_temporary_close(&one);
    assert_int_equal(scratch_count("."), 0);
}

/* A link there is not followed, and is nobody's file. */
static void test_directory_temporary_complete_leaves_what_is_no_file(void **state)
{
    struct directory_temporary temporary;
    char *name;

    (void)state;
    complete(&temporary, "a.wav", "");
    name = memory_copy_text(temporary.name);
    directory_temporary_close(&temporary);
    scratch_file("else", "x");
    scratch_link(name, "else");
    complete(&temporary, "a.wav", "new");
    assert_string_not_equal(temporary.name, name);
    check_text(&temporary, "new");
    directory_temporary_close(&temporary);
    assert_true(scratch_exists(name));
    assert_true(scratch_exists("else"));
    free(name);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_make, scratch_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_directory_temporary_close_leaves_nothing),
        TEST(test_directory_temporary_complete_removes_what_a_killed_process_left),
        TEST(test_directory_temporary_complete_leaves_what_is_held),
        TEST(test_directory_temporary_complete_leaves_what_is_no_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
