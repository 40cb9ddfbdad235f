/* SPDX-License-Identifier: MIT */

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/temporary.h"
#include "scratch.h"

static char *former;
static struct error err;

static int set_up(void **state)
{
    former = memory_copy_text(getenv("TMPDIR"));
    return scratch_make(state);
}

static int tear_down(void **state)
{
    if (former)
        setenv("TMPDIR", former, 1);
    else
        unsetenv("TMPDIR");
    free(former);
    return scratch_remove(state);
}

static void test_temporary_open_gives_a_file_without_a_name_in_the_folder_of_tmpdir(void **state)
{
    struct stat folder;
    struct stat status;
    char byte = 0;
    int file;

    (void)state;
    setenv("TMPDIR", scratch_path(), 1);
    file = temporary_open(&err);
    assert_true(file >= 0);
    assert_int_equal(fstat(file, &status), 0);
    assert_int_equal(stat(scratch_path(), &folder), 0);
    assert_true(status.st_dev == folder.st_dev);
    assert_int_equal(status.st_nlink, 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_true(fcntl(file, F_GETFD) & FD_CLOEXEC);
    assert_int_equal(pwrite(file, "x", 1, 5000), 1);
    assert_int_equal(pread(file, &byte, 1, 5000), 1);
    assert_int_equal(byte, 'x');
    assert_int_equal(scratch_count("."), 0);
    close(file);
}

static void test_temporary_open_does_without_tmpdir(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        int file;

        if (i == 0)
            unsetenv("TMPDIR");
        else
            setenv("TMPDIR", "", 1);
        file = temporary_open(&err);
        assert_true(file >= 0);
        close(file);
    }
}

static void test_temporary_open_names_the_folder_that_is_of_no_use(void **state)
{
    static const struct {
        const char *folder; /* below the scratch one, when it does not begin with "/" */
        const char *word;
    } cases[] = {
        { "/nowhere/at/all", "File.NotFound" },
        { "file", "File.Error" },
        { "forbidden", "File.AccessDenied" },
        { "link/to/nothing", "File.NotFound" },
    };

    (void)state;
    scratch_file("file", "");
    scratch_folder("forbidden");
    assert_int_equal(fchmodat(scratch_root(), "forbidden", 0500, 0), 0);
    scratch_link("link", "nothing");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *folder = cases[i].folder;
        char *path = folder[0] == '/' ? memory_copy_text(folder)
                                      : memory_format("%s/%s", scratch_path(), folder);
        int file;

        err = (struct error){ 0 };
        setenv("TMPDIR", path, 1);
        scratch_as_nobody();
        file = temporary_open(&err);
        scratch_as_before();
        if (file >= 0 || err.kind != ERROR_LOCAL || strcmp(err.word, cases[i].word) != 0)
            fail_msg("%s: %d, %s, %s", folder, file, err.word, err.text);
        assert_non_null(strstr(err.text, path));
        assert_non_null(strstr(err.text, "TMPDIR"));
        free(path);
    }
}

static void test_temporary_open_fails_when_no_descriptors_are_left(void **state)
{
    struct rlimit saved;
    struct rlimit none;
    int file;

    (void)state;
    getrlimit(RLIMIT_NOFILE, &saved);
    none = (struct rlimit){ .rlim_cur = 0, .rlim_max = saved.rlim_max };
    setrlimit(RLIMIT_NOFILE, &none);
    file = temporary_open(&err);
    setrlimit(RLIMIT_NOFILE, &saved);
    assert_int_equal(file, -1);
    assert_string_equal(err.word, "Avmap.OpenFilesLimit");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_temporary_open_gives_a_file_without_a_name_in_the_folder_of_tmpdir),
        TEST(test_temporary_open_does_without_tmpdir),
        TEST(test_temporary_open_names_the_folder_that_is_of_no_use),
        TEST(test_temporary_open_fails_when_no_descriptors_are_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
