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
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "directory/directory_listing.h"
#include "scratch.h"

/* All keys that are left, one a line, for free(). */
static char *rest_of(struct directory_listing *listing)
{
    struct object object;
    struct buffer keys;
    struct error err;
    bool found;

    buffer_init(&keys, SIZE_MAX);
    for (;;) {
        if (!directory_listing_next(listing, &object, &found, &err))
            fail_msg("%s", err.text);
        if (!found)
            return buffer_take(&keys);
        buffer_append_format(&keys, "%s\n", object.key);
        object_release(&object);
    }
}

static void check_keys(const char *skip_folder, const char *expected)
{
    struct directory_listing *listing = directory_listing_open(scratch_root(), skip_folder);
    char *keys = rest_of(listing);

    assert_string_equal(keys, expected);
    free(keys);
    directory_listing_close(listing);
}

static void test_directory_listing_next_finds_nothing_in_an_empty_folder(void **state)
{
    (void)state;
    check_keys(NULL, "");
    scratch_folder("a/b/c");
    check_keys(NULL, "");
}

static void test_directory_listing_next_gives_files_in_byte_order(void **state)
{
    (void)state;
    scratch_file("b", "x");
    scratch_file("a/z", "x");
    scratch_file("a/y/x", "x");
    scratch_file("a/y.wav", "x");
    scratch_file("B", "x");
    scratch_file("\xc3\xa9", "x");
    scratch_file("a-", "x");
    scratch_file(".hidden/..x", "x");
    scratch_file(" ", "x");
    check_keys(NULL, " \n.hidden/..x\nB\na/y/x\na/y.wav\na/z\na-\nb\n\xc3\xa9\n");
}

static void test_directory_listing_next_gives_any_name_as_it_is(void **state)
{
    static const char *const names[] = { "\x01\x1b[2J", "\xff\xfe", "*?[]", "-rf", "C:\\x", "\t" };

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct directory_listing *listing;
        char *expected = memory_format("%s/%s\n", names[i], names[i]);
        char *key = memory_copy_bytes(expected, strlen(expected) - 1);
        char *keys;

        scratch_file(key, "x");
        listing = directory_listing_open(scratch_root(), NULL);
        keys = rest_of(listing);
        if (!strstr(keys, expected))
            fail_msg("%s: %s", names[i], keys);
        directory_listing_close(listing);
        free(keys);
        free(key);
        free(expected);
    }
}

static void test_directory_listing_next_tells_size_and_time(void **state)
{
    static const struct timespec times[2] = { { .tv_sec = 1, .tv_nsec = 0 },
                                              { .tv_sec = 1700000000, .tv_nsec = 123999999 } };
    struct directory_listing *listing;
    struct object object;
    struct error err;
    bool found;

    (void)state;
    scratch_file("a/empty", "");
    scratch_file("a/full", "12345");
    assert_int_equal(utimensat(scratch_root(), "a/full", times, 0), 0);
    listing = directory_listing_open(scratch_root(), NULL);
    assert_true(directory_listing_next(listing, &object, &found, &err));
    assert_true(found);
    assert_string_equal(object.key, "a/empty");
    assert_int_equal(object.size, 0);
    object_release(&object);
    assert_true(directory_listing_next(listing, &object, &found, &err));
    assert_string_equal(object.key, "a/full");
    assert_int_equal(object.size, 5);
    assert_true(object.modified_ms == INT64_C(1700000000123));
    assert_null(object.etag);
    assert_null(object.storage_class);
    object_release(&object);
    for (int i = 0; i < 3; i++) {
        assert_true(directory_listing_next(listing, &object, &found, &err));
        assert_false(found);
    }
    directory_listing_close(listing);
}

static void test_directory_listing_next_knows_files_over_4_gib(void **state)
{
    struct directory_listing *listing;
    struct object object;
    struct error err;
    bool found;

    (void)state;
    scratch_file("big", "");
    {
        char *path = memory_format("%s/big", scratch_path());

        assert_int_equal(truncate(path, INT64_C(5) << 30), 0);
        free(path);
    }
    listing = directory_listing_open(scratch_root(), NULL);
    assert_true(directory_listing_next(listing, &object, &found, &err));
    assert_true(object.size == UINT64_C(5) << 30);
    object_release(&object);
    directory_listing_close(listing);
}

static void make_socket(const char *name)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf(address.sun_path, sizeof(address.sun_path), "%s/%s", scratch_path(), name);
    assert_int_equal(bind(descriptor, (struct sockaddr *)&address, sizeof(address)), 0);
    close(descriptor);
}

static void test_directory_listing_next_passes_over_what_is_no_file(void **state)
{
    (void)state;
    scratch_file("file", "x");
    scratch_folder("folder");
    scratch_link("a link to a file", "file");
    scratch_link("a link to a folder", "folder");
    scratch_link("a link to itself", "a link to itself");
    scratch_link("a link to nowhere", "nowhere");
    scratch_link("folder/loop", "..");
    scratch_link("folder/outside", "/etc");
    assert_int_equal(mkfifoat(scratch_root(), "fifo", 0600), 0);
    make_socket("socket");
    if (geteuid() == 0) {
        (void)mknodat(scratch_root(), "zero", S_IFCHR | 0600, makedev(1, 5));
        (void)mknodat(scratch_root(), "disk", S_IFBLK | 0600, makedev(8, 0));
    }
    check_keys(NULL, "file\n");
}

static void test_directory_listing_next_passes_over_temporary_files_only(void **state)
{
    (void)state;
    scratch_file(".avmap-0ed0a3a6-2c5c-4b52-b56c-0f6b7e6a1b0a.tmp", "x");
    scratch_file("a/.avmap-1.tmp", "x");
    scratch_file(".avmap", "x");
    scratch_file(".avmap-kept/x", "x");
    check_keys(NULL, ".avmap\n.avmap-kept/x\n");
}

static void test_directory_listing_next_leaves_one_folder_out(void **state)
{
    static const struct {
        const char *skip;
        const char *keys;
    } cases[] = {
        { NULL, "_avmap/x\na/_avmap/x\nx/_avmap\nx/_avmap2/x\n" },
        { "", "_avmap/x\na/_avmap/x\nx/_avmap\nx/_avmap2/x\n" },
        { "_avmap", "a/_avmap/x\nx/_avmap\nx/_avmap2/x\n" },
        { "a/_avmap", "_avmap/x\nx/_avmap\nx/_avmap2/x\n" },
        { "x/_avmap", "_avmap/x\na/_avmap/x\nx/_avmap\nx/_avmap2/x\n" },
        { "a", "_avmap/x\nx/_avmap\nx/_avmap2/x\n" },
        { "nowhere", "_avmap/x\na/_avmap/x\nx/_avmap\nx/_avmap2/x\n" },
    };

    (void)state;
    scratch_file("_avmap/x", "x");
    scratch_file("a/_avmap/x", "x");
    scratch_file("x/_avmap", "x");
    scratch_file("x/_avmap2/x", "x");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        check_keys(cases[i].skip, cases[i].keys);
}

static void test_directory_listing_may_be_repeated_on_one_descriptor(void **state)
{
    (void)state;
    scratch_file("a/b", "x");
    check_keys(NULL, "a/b\n");
    check_keys(NULL, "a/b\n");
}

static void test_directory_listing_next_goes_on_behind_an_unreadable_folder(void **state)
{
    static const mode_t modes[] = { 0, 0400, 0100 };

    (void)state;
    scratch_file("a", "x");
    scratch_file("b/x", "x");
    scratch_file("c", "x");
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        struct directory_listing *listing = directory_listing_open(scratch_root(), NULL);
        struct object object;
        struct error err;
        bool found;
        bool ok;
        char *rest;

        assert_int_equal(fchownat(scratch_root(), "b", geteuid() ? geteuid() : 65534, -1, 0), 0);
        assert_int_equal(fchmodat(scratch_root(), "b", modes[i], 0), 0);
        scratch_as_nobody();
        assert_true(directory_listing_next(listing, &object, &found, &err));
        assert_string_equal(object.key, "a");
        object_release(&object);
        ok = directory_listing_next(listing, &object, &found, &err);
        rest = rest_of(listing);
        scratch_as_before();
        if (ok || found)
            fail_msg("mode %o: no failure", modes[i]);
        assert_string_equal(err.word, "File.AccessDenied");
        assert_int_equal(err.kind, ERROR_OBJECT);
        assert_non_null(strstr(err.text, "b/"));
        assert_string_equal(rest, "c\n");
        free(rest);
        directory_listing_close(listing);
    }
    assert_int_equal(fchmodat(scratch_root(), "b", 0755, 0), 0);
}

static void test_directory_listing_next_passes_over_what_went_away(void **state)
{
    struct directory_listing *listing;
    struct object object;
    struct error err;
    bool found;
    char *rest;

    (void)state;
    scratch_file("a", "x");
    scratch_file("b", "x");
    scratch_file("c/x", "x");
    scratch_file("d/x", "x");
    scratch_file("e", "x");
    listing = directory_listing_open(scratch_root(), NULL);
    assert_true(directory_listing_next(listing, &object, &found, &err));
    object_release(&object);
    unlinkat(scratch_root(), "b", 0);
    renameat(scratch_root(), "c", scratch_root(), "z");
    scratch_link("c", "z");
    renameat(scratch_root(), "d", scratch_root(), "y");
    rest = rest_of(listing);
    assert_string_equal(rest, "e\n");
    free(rest);
    directory_listing_close(listing);
}

static void test_directory_listing_next_stops_when_its_folder_was_moved(void **state)
{
    struct directory_listing *listing;
    struct object object;
    struct error err;
    bool found;

    (void)state;
    scratch_file("in/a/b/1", "x");
    scratch_file("in/a/b/2", "x");
    scratch_file("in/a/c", "x");
    scratch_file("out/c", "secret");
    listing = directory_listing_open(scratch_root(), NULL);
    assert_true(directory_listing_next(listing, &object, &found, &err));
    assert_string_equal(object.key, "in/a/b/1");
    object_release(&object);
    assert_int_equal(renameat(scratch_root(), "in/a/b", scratch_root(), "out/b"), 0);
    assert_true(directory_listing_next(listing, &object, &found, &err));
    assert_string_equal(object.key, "in/a/b/2");
    object_release(&object);
    assert_false(directory_listing_next(listing, &object, &found, &err));
    assert_int_equal(err.kind, ERROR_OBJECT);
    assert_string_equal(err.word, "File.Changed");
    assert_true(directory_listing_next(listing, &object, &found, &err));
    assert_false(found);
    directory_listing_close(listing);
}

/* Somebody puts a link in the place of a folder, again and again. */
static atomic_bool swapping;

static void *swap(void *unused)
{
    while (atomic_load(&swapping))
        renameat2(scratch_root(), "folder", scratch_root(), "link", RENAME_EXCHANGE);
    return unused;
}

static void test_directory_listing_next_never_leaves_while_links_are_swapped_in(void **state)
{
    pthread_t thread;

    (void)state;
    scratch_file("folder/inside", "x");
    scratch_link("link", "/etc");
    atomic_store(&swapping, true);
    assert_int_equal(pthread_create(&thread, NULL, swap, NULL), 0);
    for (int i = 0; i < 20000; i++) {
        struct directory_listing *listing = directory_listing_open(scratch_root(), NULL);
        char *keys = rest_of(listing);

        if (strcmp(keys, "") != 0 && strcmp(keys, "folder/inside\n") != 0 &&
            strcmp(keys, "link/inside\n") != 0 && strcmp(keys, "folder/inside\nlink/inside\n") != 0)
            fail_msg("%.200s", keys);
        free(keys);
        directory_listing_close(listing);
    }
    atomic_store(&swapping, false);
    pthread_join(thread, NULL);
}

/* A tree as no path could name it: name/name/... */
static void make_deep(const char *name, int depth)
{
    int folder = dup(scratch_root());

    for (int i = 0; i < depth; i++) {
        int next;

        assert_int_equal(mkdirat(folder, name, 0755), 0);
        next = openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_true(next >= 0);
        close(folder);
        folder = next;
    }
    close(openat(folder, "bottom", O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    close(folder);
    scratch_file("zz", "x");
}

static struct rlimit limit_descriptors(rlim_t most)
{
    struct rlimit before;
    struct rlimit limit;

    getrlimit(RLIMIT_NOFILE, &before);
    limit = (struct rlimit){ .rlim_cur = most, .rlim_max = before.rlim_max };
    setrlimit(RLIMIT_NOFILE, &limit);
    return before;
}

static void test_directory_listing_next_goes_to_any_depth_with_few_descriptors(void **state)
{
    enum { DEPTH = 5000 };

    char name[] = "level";
    struct directory_listing *listing;
    struct rlimit before;
    char *keys;

    (void)state;
    make_deep(name, DEPTH);
    before = limit_descriptors(32);
    listing = directory_listing_open(scratch_root(), NULL);
    keys = rest_of(listing);
    directory_listing_close(listing);
    setrlimit(RLIMIT_NOFILE, &before);
    assert_int_equal(strlen(keys), DEPTH * sizeof(name) + strlen("bottom\nzz\n"));
    assert_string_equal(keys + DEPTH * sizeof(name), "bottom\nzz\n");
    free(keys);
}

static void test_directory_listing_close_may_come_in_the_middle(void **state)
{
    struct directory_listing *listing;
    struct object object;
    struct error err;
    bool found;
    int lowest = dup(0);

    (void)state;
    close(lowest);
    make_deep("x", 50);
    directory_listing_close(NULL);
    directory_listing_close(directory_listing_open(scratch_root(), "a"));
    listing = directory_listing_open(scratch_root(), NULL);
    assert_true(directory_listing_next(listing, &object, &found, &err));
    object_release(&object);
    directory_listing_close(listing);
    assert_int_equal(dup(0), lowest);
    close(lowest);
}

static void test_directory_listing_next_fails_locally_when_no_descriptors_are_left(void **state)
{
    struct directory_listing *listing;
    struct rlimit before;
    struct object object;
    struct error err;
    bool found;
    bool ok;

    (void)state;
    scratch_file("a", "x");
    listing = directory_listing_open(scratch_root(), NULL);
    before = limit_descriptors(0);
    ok = directory_listing_next(listing, &object, &found, &err);
    setrlimit(RLIMIT_NOFILE, &before);
    assert_false(ok);
    assert_int_equal(err.kind, ERROR_LOCAL);
    assert_string_equal(err.word, "Avmap.OpenFilesLimit");
    directory_listing_close(listing);
}

static void test_directory_listing_next_takes_a_huge_folder(void **state)
{
    enum { COUNT = 50000 };
    struct directory_listing *listing;
    struct object object;
    struct error err;
    bool found;

    (void)state;
    for (int i = COUNT - 1; i >= 0; i--) {
        char name[16];

        snprintf(name, sizeof(name), "%06d", i);
        close(openat(scratch_root(), name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    }
    listing = directory_listing_open(scratch_root(), NULL);
    for (int i = 0; i < COUNT; i++) {
        char name[16];

        snprintf(name, sizeof(name), "%06d", i);
        assert_true(directory_listing_next(listing, &object, &found, &err));
        assert_true(found);
        if (strcmp(object.key, name) != 0)
            fail_msg("%s instead of %s", object.key, name);
        object_release(&object);
    }
    assert_true(directory_listing_next(listing, &object, &found, &err));
    assert_false(found);
    directory_listing_close(listing);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_make, scratch_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_directory_listing_next_finds_nothing_in_an_empty_folder),
        TEST(test_directory_listing_next_gives_files_in_byte_order),
        TEST(test_directory_listing_next_gives_any_name_as_it_is),
        TEST(test_directory_listing_next_tells_size_and_time),
        TEST(test_directory_listing_next_knows_files_over_4_gib),
        TEST(test_directory_listing_next_passes_over_what_is_no_file),
        TEST(test_directory_listing_next_passes_over_temporary_files_only),
        TEST(test_directory_listing_next_leaves_one_folder_out),
        TEST(test_directory_listing_may_be_repeated_on_one_descriptor),
        TEST(test_directory_listing_next_goes_on_behind_an_unreadable_folder),
        TEST(test_directory_listing_next_passes_over_what_went_away),
        TEST(test_directory_listing_next_stops_when_its_folder_was_moved),
        TEST(test_directory_listing_next_never_leaves_while_links_are_swapped_in),
        TEST(test_directory_listing_next_goes_to_any_depth_with_few_descriptors),
        TEST(test_directory_listing_close_may_come_in_the_middle),
        TEST(test_directory_listing_next_fails_locally_when_no_descriptors_are_left),
        TEST(test_directory_listing_next_takes_a_huge_folder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
