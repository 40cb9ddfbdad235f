/* SPDX-License-Identifier: MIT */

#include <errno.h>
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
#include "directory/directory_path.h"
#include "scratch.h"

/* clang-format off */
#define LETTERS_51 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxy"
/* clang-format on */
#define LETTERS_255 LETTERS_51 LETTERS_51 LETTERS_51 LETTERS_51 LETTERS_51

static void test_directory_path_check_accepts_what_a_folder_can_hold(void **state)
{
    static const char *const keys[] = {
        "a",         "a/b/c.wav",           ".hidden",           "...", "..a/b..", "a/.b/..c/d.",
        " ",         "a b/\t\n\x01\x7f",    "\xff\xfe/\xc3\x28", "-rf", "~",       "C:\\x\\..\\y",
        LETTERS_255, "a/" LETTERS_255 "/b",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        struct error err;

        if (!directory_path_check(keys[i], &err))
            fail_msg("%s: %s", keys[i], err.text);
    }
}

/* Names that would be another file's, or outside. */
static const char *const bad_keys[] = {
    "",
    "/",
    "/a",
    "//a",
    "a/",
    "a//b",
    "a//",
    ".",
    "..",
    "./a",
    "../a",
    "a/.",
    "a/..",
    "a/./b",
    "a/../b",
    "../../etc/passwd",
    "a/b/../../../c",
    "/etc/passwd",
    LETTERS_255 "x",
    "a/" LETTERS_255 "x/b",
    "a/" LETTERS_255 "x",
};

static void test_directory_path_check_refuses_names_no_file_can_have(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad_keys) / sizeof(bad_keys[0]); i++) {
        struct error err;

        if (directory_path_check(bad_keys[i], &err))
            fail_msg("accepted: %s", bad_keys[i]);
        assert_int_equal(err.kind, ERROR_OBJECT);
        assert_string_equal(err.word, "Avmap.BadFileName");
    }
}

static int open_parent(const char *key, bool create, const char **name, struct error *err)
{
    return directory_path_open_parent(scratch_root(), key, create, name, err);
}

/* Whether folder is the one with that key. */
static void check_is(int folder, const char *key)
{
    struct stat one;
    struct stat other;

    assert_true(folder >= 0);
    assert_int_equal(fstat(folder, &one), 0);
    assert_int_equal(fstatat(scratch_root(), key, &other, 0), 0);
    assert_true(one.st_ino == other.st_ino && one.st_dev == other.st_dev);
    close(folder);
}

static void test_directory_path_open_parent_walks_down(void **state)
{
    const char *key = "a/b b/\xff/file";
    const char *name;
    struct error err;

    (void)state;
    scratch_file(key, "x");
    check_is(open_parent("file", false, &name, &err), ".");
    assert_string_equal(name, "file");
    check_is(open_parent(key, false, &name, &err), "a/b b/\xff");
    assert_ptr_equal(name, key + strlen("a/b b/\xff/"));
}

static void test_directory_path_open_parent_refuses_bad_names_when_creating(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad_keys) / sizeof(bad_keys[0]); i++) {
        const char *name;
        struct error err;

        if (open_parent(bad_keys[i], true, &name, &err) >= 0)
            fail_msg("opened: %s", bad_keys[i]);
    }
    assert_int_equal(scratch_count("."), 0);
}

static void test_directory_path_open_parent_makes_folders_only_when_asked(void **state)
{
    const char *name;
    struct error err;

    (void)state;
    assert_int_equal(open_parent("a/b/c", false, &name, &err), -1);
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
    assert_false(scratch_exists("a"));
    check_is(open_parent("a/b/c", true, &name, &err), "a/b");
    assert_false(scratch_exists("a/b/c"));
    check_is(open_parent("a/b/c", true, &name, &err), "a/b");
}

static void test_directory_path_open_parent_follows_no_link(void **state)
{
    static const char *const keys[] = { "link/x",     "a/link/x",   "a/link/b/x",
                                        "absolute/x", "dangling/x", "self/x" };

    (void)state;
    scratch_folder("outside/b");
    scratch_folder("a");
    scratch_link("link", "outside");
    scratch_link("a/link", "../outside");
    scratch_link("absolute", "/tmp");
    scratch_link("dangling", "nowhere");
    scratch_link("self", "self");
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        for (int create = 0; create < 2; create++) {
            const char *name;
            struct error err;

            if (open_parent(keys[i], create, &name, &err) >= 0)
                fail_msg("opened: %s", keys[i]);
            assert_string_equal(err.word, "File.NotAFolder");
            assert_int_equal(err.kind, ERROR_OBJECT);
        }
    }
    assert_false(scratch_exists("nowhere"));
    assert_int_equal(scratch_count("outside/b"), 0);
}

static void test_directory_path_open_parent_says_that_a_file_is_in_the_way(void **state)
{
    const char *name;
    struct error err;

    (void)state;
    scratch_file("a/file", "x");
    assert_int_equal(mkfifoat(scratch_root(), "fifo", 0600), 0);
    assert_int_equal(open_parent("a/file/b", true, &name, &err), -1);
    assert_string_equal(err.word, "File.NotAFolder");
    assert_non_null(strstr(err.text, "file is in the way"));
    assert_int_equal(open_parent("fifo/b", true, &name, &err), -1);
    assert_string_equal(err.word, "File.NotAFolder");
}

static void test_directory_path_open_parent_is_denied_without_rights(void **state)
{
    const char *name;
    struct error err;
    int opened;

    (void)state;
    scratch_folder("shut");
    assert_int_equal(fchmodat(scratch_root(), "shut", 0, 0), 0);
    scratch_as_nobody();
    opened = open_parent("new/x", true, &name, &err);
    scratch_as_before();
    if (geteuid() == 0) { /* the scratch folder is root's */
        assert_int_equal(opened, -1);
        assert_int_equal(err.kind, ERROR_DENIED);
        assert_string_equal(err.word, "File.AccessDenied");
    } else {
        close(opened);
    }
    scratch_as_nobody();
    opened = open_parent("shut/x", true, &name, &err);
    scratch_as_before();
    assert_int_equal(opened, -1);
    assert_string_equal(err.word, "File.AccessDenied");
    assert_int_equal(fchmodat(scratch_root(), "shut", 0755, 0), 0);
}

static int lowest_descriptor(void)
{
    int lowest = dup(0);

    close(lowest);
    return lowest;
}

static void test_directory_path_open_parent_goes_as_deep_as_the_key(void **state)
{
    enum { LENGTH = 2 * 2000 };

    char *key = memory_new(LENGTH + 2, 1);
    int lowest = lowest_descriptor();
    const char *name;
    struct error err;
    int folder;

    (void)state;
    for (int i = 0; i < LENGTH; i++)
        key[i] = i % 2 ? '/' : 'd';
    key[LENGTH] = 'f';
    folder = open_parent(key, true, &name, &err);
    assert_true(folder >= 0);
    close(folder);
    folder = open_parent(key, false, &name, &err);
    assert_true(folder >= 0);
    assert_ptr_equal(name, key + LENGTH);
    close(folder);
    assert_int_equal(lowest_descriptor(), lowest);
    free(key);
}

static void test_directory_path_open_parent_fails_locally_when_no_descriptors_are_left(void **state)
{
    struct rlimit before;
    struct rlimit none;
    const char *name;
    struct error err;
    int folder;

    (void)state;
    getrlimit(RLIMIT_NOFILE, &before);
    none = (struct rlimit){ .rlim_cur = (rlim_t)lowest_descriptor(), .rlim_max = before.rlim_max };
    setrlimit(RLIMIT_NOFILE, &none);
    folder = open_parent("a/b", true, &name, &err);
    setrlimit(RLIMIT_NOFILE, &before);
    assert_int_equal(folder, -1);
    assert_int_equal(err.kind, ERROR_LOCAL);
    assert_string_equal(err.word, "Avmap.OpenFilesLimit");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_make, scratch_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_directory_path_check_accepts_what_a_folder_can_hold),
        TEST(test_directory_path_check_refuses_names_no_file_can_have),
        TEST(test_directory_path_open_parent_walks_down),
        TEST(test_directory_path_open_parent_refuses_bad_names_when_creating),
        TEST(test_directory_path_open_parent_makes_folders_only_when_asked),
        TEST(test_directory_path_open_parent_follows_no_link),
        TEST(test_directory_path_open_parent_says_that_a_file_is_in_the_way),
        TEST(test_directory_path_open_parent_is_denied_without_rights),
        TEST(test_directory_path_open_parent_goes_as_deep_as_the_key),
        TEST(test_directory_path_open_parent_fails_locally_when_no_descriptors_are_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
