/* SPDX-License-Identifier: MIT */

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "directory/directory_write.h"
#include "scratch.h"

static const struct directory_marks no_marks;
static struct budget budget;
static struct error err;

static void fill(struct spool *spool, const void *bytes, size_t size)
{
    spool_init(spool, &budget);
    assert_true(spool_write(spool, 0, bytes, size, &err));
}

static bool write_text(const char *key, const char *text)
{
    struct spool spool;
    bool ok;

    budget_init(&budget, 1 << 20);
    fill(&spool, text, strlen(text));
    ok = directory_write(scratch_root(), key, &spool, &no_marks, false, &err);
    spool_release(&spool);
    return ok;
}

static void check_text(const char *key, const char *expected)
{
    char *text = scratch_read(key);

    if (!text)
        fail_msg("no file %s", key);
    assert_string_equal(text, expected);
    free(text);
}

static void test_directory_write_makes_folders_and_the_file(void **state)
{
    static const char *const keys[] = { "x", "a/b/c.wav", "a/\xff \x01/-rf", "a/b/d" };

    (void)state;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (!write_text(keys[i], keys[i]))
            fail_msg("%s: %s", keys[i], err.text);
        check_text(keys[i], keys[i]);
    }
    assert_int_equal(scratch_count("a/b"), 2); /* nothing temporary is left */
}

static void test_directory_write_writes_spools_in_memory_and_in_files(void **state)
{
    static const uint64_t budgets[] = { 0, UINT64_C(64) << 20 };
    static char bytes[1000 * 1000];

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (char)(i * 31 + i / 997);
    bytes[sizeof(bytes) - 1] = '\0';
    for (size_t i = 0; i < 2; i++) {
        struct spool spool;
        char *copy;

        budget_init(&budget, budgets[i]);
        fill(&spool, bytes, sizeof(bytes));
        assert_true(directory_write(scratch_root(), "x", &spool, &no_marks, false, &err));
        copy = scratch_read("x");
        assert_memory_equal(copy, bytes, sizeof(bytes));
        free(copy);
        spool_release(&spool);
    }
}

static void test_directory_write_makes_an_empty_file_of_an_empty_spool(void **state)
{
    (void)state;
    assert_true(write_text("x", ""));
    check_text("x", "");
}

static void test_directory_write_lets_the_umask_decide_who_may_read(void **state)
{
    struct stat status;
    mode_t before = umask(027);

    (void)state;
    assert_true(write_text("folder/x", "text"));
    umask(before);
    assert_int_equal(fstatat(scratch_root(), "folder/x", &status, 0), 0);
    assert_int_equal(status.st_mode & 07777, 0640);
    assert_int_equal(fstatat(scratch_root(), "folder", &status, 0), 0);
    assert_int_equal(status.st_mode & 07777, 0750);
}

static void test_directory_write_replaces_the_name_not_what_it_links_to(void **state)
{
    (void)state;
    scratch_file("victim", "victim");
    scratch_file("old", "old");
    scratch_link("link", "victim");
    assert_int_equal(linkat(scratch_root(), "victim", scratch_root(), "hard link", 0), 0);
    assert_int_equal(mkfifoat(scratch_root(), "fifo", 0600), 0);
    assert_true(write_text("old", "new"));
    assert_true(write_text("link", "new"));
    assert_true(write_text("hard link", "new"));
    assert_true(write_text("fifo", "new"));
    check_text("old", "new");
    check_text("link", "new");
    check_text("hard link", "new");
    check_text("fifo", "new");
    check_text("victim", "victim");
    assert_int_equal(scratch_count("."), 5);
}

static void test_directory_write_refuses_names_that_lead_outside(void **state)
{
    static const char *const keys[] = { "../x", "/tmp/x", "a/../../x", "", "a//b", ".", "a/" };

    (void)state;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (write_text(keys[i], "x"))
            fail_msg("written: %s", keys[i]);
        assert_string_equal(err.word, "Avmap.BadFileName");
    }
    assert_int_equal(scratch_count("."), 0);
}

static void test_directory_write_goes_through_no_link(void **state)
{
    (void)state;
    scratch_folder("outside/b");
    scratch_folder("a");
    scratch_link("a/link", "../outside");
    assert_false(write_text("a/link/x", "x"));
    assert_string_equal(err.word, "File.NotAFolder");
    assert_false(write_text("a/link/b/x", "x"));
    assert_false(write_text("a/link/new/x", "x"));
    assert_int_equal(scratch_count("outside"), 1);
    assert_int_equal(scratch_count("outside/b"), 0);
}

static void test_directory_write_leaves_nothing_where_a_folder_is_in_the_way(void **state)
{
    (void)state;
    scratch_file("a/x/kept", "kept");
    assert_false(write_text("a/x", "new"));
    assert_int_equal(err.kind, ERROR_OBJECT);
    check_text("a/x/kept", "kept");
    assert_int_equal(scratch_count("a"), 1);
}

/* "x" and "x/y" are both names in S3. */
static void test_directory_write_says_that_a_file_is_where_a_folder_must_be(void **state)
{
    (void)state;
    scratch_file("x", "file");
    assert_false(write_text("x/y", "new"));
    assert_int_equal(err.kind, ERROR_OBJECT);
    assert_string_equal(err.word, "File.NotAFolder");
    check_text("x", "file");
}

static void test_directory_write_is_denied_without_rights(void **state)
{
    bool ok;

    (void)state;
    scratch_folder("shut");
    assert_int_equal(fchmodat(scratch_root(), "shut", 0555, 0), 0);
    scratch_as_nobody();
    ok = write_text("shut/x", "x");
    assert_int_equal(err.kind, ERROR_DENIED);
    assert_string_equal(err.word, "File.AccessDenied");
    ok = ok || write_text("shut/folder/x", "x");
    scratch_as_before();
    assert_int_equal(err.kind, ERROR_DENIED);
    assert_false(ok);
    assert_int_equal(fchmodat(scratch_root(), "shut", 0755, 0), 0);
}

static void test_directory_write_leaves_the_old_file_when_the_disk_is_full(void **state)
{
    static char bytes[512 * 1024];
    struct spool spool;
    bool ok;
    int root;

    (void)state;
    if (!scratch_mount("small", 1 << 17))
        skip();
    root = openat(AT_FDCWD, scratch_path(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    scratch_file("small/a/x", "old");
    for (int in_memory = 0; in_memory < 2; in_memory++) {
        budget_init(&budget, in_memory ? 1 << 20 : 0);
        fill(&spool, bytes, sizeof(bytes));
        ok = directory_write(root, "small/a/x", &spool, &no_marks, false, &err);
        spool_release(&spool);
        assert_false(ok);
        assert_int_equal(err.kind, ERROR_LOCAL);
        assert_string_equal(err.word, "Avmap.DiskFull");
        check_text("small/a/x", "old");
        assert_int_equal(scratch_count("small/a"), 1);
    }
    close(root);
}

/* Readers look at one name while it is written again and again. */
static atomic_bool writing;

static void *look(void *wrong)
{
    while (atomic_load(&writing)) {
        char *text = scratch_read("x");
        size_t length = text ? strlen(text) : 0;

        if (length != 1000 || strspn(text, (char[]){ text[0], '\0' }) != length)
            atomic_store((atomic_bool *)wrong, true);
        free(text);
    }
    return NULL;
}

static void test_directory_write_never_shows_a_partial_file(void **state)
{
    atomic_bool wrong = false;
    pthread_t thread;
    char text[1001] = { 0 };

    (void)state;
    memset(text, 'a', 1000);
    assert_true(write_text("x", text));
    atomic_store(&writing, true);
    assert_int_equal(pthread_create(&thread, NULL, look, &wrong), 0);
    for (int i = 0; i < 200; i++) {
        memset(text, 'a' + i % 26, 1000);
        assert_true(write_text("x", text));
    }
    atomic_store(&writing, false);
    pthread_join(thread, NULL);
    assert_false(wrong);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_make, scratch_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_directory_write_makes_folders_and_the_file),
        TEST(test_directory_write_writes_spools_in_memory_and_in_files),
        TEST(test_directory_write_makes_an_empty_file_of_an_empty_spool),
        TEST(test_directory_write_lets_the_umask_decide_who_may_read),
        TEST(test_directory_write_replaces_the_name_not_what_it_links_to),
        TEST(test_directory_write_refuses_names_that_lead_outside),
        TEST(test_directory_write_goes_through_no_link),
        TEST(test_directory_write_leaves_nothing_where_a_folder_is_in_the_way),
        TEST(test_directory_write_says_that_a_file_is_where_a_folder_must_be),
        TEST(test_directory_write_is_denied_without_rights),
        TEST(test_directory_write_leaves_the_old_file_when_the_disk_is_full),
        TEST(test_directory_write_never_shows_a_partial_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
