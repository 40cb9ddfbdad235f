/* SPDX-License-Identifier: MIT */

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "directory/directory_read.h"
#include "scratch.h"

static struct budget budget;
static struct spool spool;
static struct error err;

static void start(uint64_t budget_bytes)
{
    budget_init(&budget, budget_bytes);
    spool_init(&spool, &budget);
    err = (struct error){ 0 };
}

/* As a listing of root would tell it. */
static struct object look_at(int root, char *key)
{
    struct stat status;

    assert_int_equal(fstatat(root, key, &status, AT_SYMLINK_NOFOLLOW), 0);
    return (struct object){
        .key = key,
        .size = (uint64_t)status.st_size,
        .modified_ms = (int64_t)status.st_mtim.tv_sec * 1000 + status.st_mtim.tv_nsec / 1000000,
    };
}

static bool read_key(char *key)
{
    struct object object = look_at(scratch_root(), key);

    return directory_read(scratch_root(), &object, &spool, &err);
}

static void check_refused(const struct object *object, enum error_kind kind, const char *word)
{
    start(1 << 20);
    if (directory_read(scratch_root(), object, &spool, &err))
        fail_msg("read: %s", object->key);
    if (err.kind != kind || strcmp(err.word, word) != 0)
        fail_msg("%s: %s: %s", object->key, err.word, err.text);
    spool_release(&spool);
}

static void test_directory_read_copies_the_bytes(void **state)
{
    static const uint64_t budgets[] = { 0, 300000, UINT64_C(64) << 20 };
    static char bytes[1000 * 1000];
    char key[] = "a b/\xff/file";

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (char)(i * 31 + i / 997);
    scratch_bytes(key, bytes, sizeof(bytes));
    for (size_t i = 0; i < sizeof(budgets) / sizeof(budgets[0]); i++) {
        char *copy = memory_new(sizeof(bytes), 1);
        size_t got;

        start(budgets[i]);
        assert_true(read_key(key));
        assert_int_equal(spool.size, sizeof(bytes));
        assert_true(spool_read(&spool, 0, copy, sizeof(bytes), &got, &err));
        assert_memory_equal(copy, bytes, sizeof(bytes));
        spool_release(&spool);
        free(copy);
    }
}

static void test_directory_read_takes_exactly_the_budget_that_it_needs(void **state)
{
    char key[] = "file";

    (void)state;
    scratch_file(key, "0123456789");
    start(10);
    assert_true(read_key(key));
    assert_memory_equal(spool_bytes(&spool), "0123456789", 10);
    spool_release(&spool);
}

static void test_directory_read_reads_an_empty_file(void **state)
{
    char key[] = "file";

    (void)state;
    scratch_file(key, "");
    start(100);
    assert_true(read_key(key));
    assert_int_equal(spool.size, 0);
    spool_release(&spool);
}

static void test_directory_read_refuses_a_file_that_changed_after_the_listing(void **state)
{
    static const struct timespec later[2] = { { .tv_nsec = UTIME_OMIT },
                                              { .tv_sec = 1700000000, .tv_nsec = 1000000 } };
    static const struct timespec listed[2] = { { .tv_nsec = UTIME_OMIT },
                                               { .tv_sec = 1700000000, .tv_nsec = 0 } };
    char key[] = "file";
    struct object object;

    (void)state;
    scratch_file(key, "12345");
    assert_int_equal(utimensat(scratch_root(), key, listed, 0), 0);
    object = look_at(scratch_root(), key);
    assert_int_equal(utimensat(scratch_root(), key, later, 0), 0);
    check_refused(&object, ERROR_OBJECT, "File.Changed");
    scratch_file(key, "123456");
    assert_int_equal(utimensat(scratch_root(), key, listed, 0), 0);
    check_refused(&object, ERROR_OBJECT, "File.Changed");
    scratch_file(key, "1234");
    assert_int_equal(utimensat(scratch_root(), key, listed, 0), 0);
    check_refused(&object, ERROR_OBJECT, "File.Changed");
}

static void test_directory_read_refuses_what_is_no_file_any_more(void **state)
{
    char key[] = "a/file";
    struct object object;

    (void)state;
    scratch_file("secret", "12345");
    scratch_file(key, "12345");
    object = look_at(scratch_root(), key);

    assert_int_equal(unlinkat(scratch_root(), key, 0), 0);
    check_refused(&object, ERROR_NOT_FOUND, "File.NotFound");
    scratch_link(key, "../secret");
    check_refused(&object, ERROR_OBJECT, "File.Changed");
    assert_int_equal(unlinkat(scratch_root(), key, 0), 0);
    scratch_folder(key);
    check_refused(&object, ERROR_OBJECT, "File.Changed");
    assert_int_equal(unlinkat(scratch_root(), key, AT_REMOVEDIR), 0);
    assert_int_equal(mkfifoat(scratch_root(), key, 0600), 0);
    check_refused(&object, ERROR_OBJECT, "File.Changed");
    assert_int_equal(unlinkat(scratch_root(), key, 0), 0);
    assert_int_equal(unlinkat(scratch_root(), "a", AT_REMOVEDIR), 0);
    check_refused(&object, ERROR_NOT_FOUND, "File.NotFound");
}

static void test_directory_read_refuses_a_link_in_the_place_of_a_folder(void **state)
{
    char key[] = "a/b/file";
    struct object object;

    (void)state;
    scratch_file(key, "12345");
    object = look_at(scratch_root(), key);
    assert_int_equal(renameat(scratch_root(), "a", scratch_root(), "moved"), 0);
    scratch_link("a", "moved");
    check_refused(&object, ERROR_OBJECT, "File.NotAFolder");
}

static void test_directory_read_refuses_names_that_lead_outside(void **state)
{
    static const char *const keys[] = { "../x", "/etc/hostname", "a/../../x", "", "a//b", "." };

    (void)state;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        char *key = memory_copy_text(keys[i]);
        struct object object = { .key = key };

        check_refused(&object, ERROR_OBJECT, "Avmap.BadFileName");
        free(key);
    }
}

static void test_directory_read_is_denied_without_rights(void **state)
{
    char key[] = "file";
    struct object object;

    (void)state;
    scratch_file(key, "12345");
    object = look_at(scratch_root(), key);
    assert_int_equal(fchmodat(scratch_root(), key, 0, 0), 0);
    scratch_as_nobody();
    check_refused(&object, ERROR_DENIED, "File.AccessDenied");
    scratch_as_before();
}

/* Files of /proc have no size but bytes, files of /sys a size but fewer bytes. */
static void test_directory_read_refuses_a_file_that_lies_about_its_size(void **state)
{
    char status[] = "self/status";
    char online[] = "devices/system/cpu/online";
    const char *const roots[] = { "/proc", "/sys" };
    char *const keys[] = { status, online };

    (void)state;
    for (int i = 0; i < 2; i++) {
        int root = open(roots[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        char pid_key[64];
        char *key = keys[i];
        struct object object;

        if (key == status) { /* "self" is a link */
            snprintf(pid_key, sizeof(pid_key), "%d/status", (int)getpid());
            key = pid_key;
        }
        if (root < 0 || faccessat(root, key, R_OK, 0) < 0)
            skip();
        object = look_at(root, key);
        start(1 << 20);
        if (directory_read(root, &object, &spool, &err))
            fail_msg("%s: %ju bytes for %ju", key, (uintmax_t)spool.size, (uintmax_t)object.size);
        assert_string_equal(err.word, "File.Changed");
        spool_release(&spool);
        close(root);
    }
}

/* Somebody writes to the file all the time. */
static atomic_bool growing;

static void *grow(void *unused)
{
    int file = openat(scratch_root(), "growing", O_WRONLY | O_APPEND | O_CLOEXEC);
    static char bytes[4096];

    while (atomic_load(&growing)) {
        if (write(file, bytes, sizeof(bytes)) < 0 || lseek(file, 0, SEEK_END) > 1 << 26)
            break;
    }
    close(file);
    return unused;
}

static void test_directory_read_never_takes_more_than_was_listed(void **state)
{
    static char bytes[600 * 1024];
    char key[] = "growing";
    pthread_t thread;

    (void)state;
    scratch_bytes(key, bytes, sizeof(bytes));
    atomic_store(&growing, true);
    assert_int_equal(pthread_create(&thread, NULL, grow, NULL), 0);
    for (int i = 0; i < 200; i++) {
        struct object object = look_at(scratch_root(), key);
        bool ok;

        start(0);
        ok = directory_read(scratch_root(), &object, &spool, &err);
        if (ok ? spool.size != object.size : strcmp(err.word, "File.Changed") != 0)
            fail_msg("%s", ok ? "another size" : err.text);
        assert_true(spool.size <= object.size);
        spool_release(&spool);
    }
    atomic_store(&growing, false);
    pthread_join(thread, NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_make, scratch_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_directory_read_copies_the_bytes),
        TEST(test_directory_read_takes_exactly_the_budget_that_it_needs),
        TEST(test_directory_read_reads_an_empty_file),
        TEST(test_directory_read_refuses_a_file_that_changed_after_the_listing),
        TEST(test_directory_read_refuses_what_is_no_file_any_more),
        TEST(test_directory_read_refuses_a_link_in_the_place_of_a_folder),
        TEST(test_directory_read_refuses_names_that_lead_outside),
        TEST(test_directory_read_is_denied_without_rights),
        TEST(test_directory_read_refuses_a_file_that_lies_about_its_size),
        TEST(test_directory_read_never_takes_more_than_was_listed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
