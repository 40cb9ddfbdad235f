/* SPDX-License-Identifier: MIT */

/* Folders for the most part, as the S3 side is tested where S3 is. */

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "s3_fixture.h"
#include "scratch.h"
#include "store/store.h"
#include "store/store_listing.h"

static struct location place;
static struct error err;

/* place is the folder key of the scratch folder. */
static struct store *open_at(const char *key, bool create)
{
    char *path = memory_format("%s/%s", scratch_path(), key);

    assert_true(location_parse(path, &place, &err));
    free(path);
    return store_open(&place, NULL, NULL, create, &err);
}

static void close_it(struct store *store)
{
    store_close(store);
    location_release(&place);
}

static void test_store_open_wants_the_folder(void **state)
{
    static const char *const keys[] = { "nowhere", "file", "nowhere/deeper" };
    struct store *store;

    (void)state;
    scratch_file("file", "x");
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        store = open_at(keys[i], false);
        assert_null(store);
        assert_int_equal(err.kind, ERROR_LOCAL);
        assert_non_null(strstr(err.text, place.container));
        close_it(store);
        assert_int_equal(scratch_count("."), 1);
    }
    store = open_at("", false);
    assert_non_null(store);
    close_it(store);
}

static void test_store_open_makes_the_folders_when_asked(void **state)
{
    struct store *store = open_at("a/b/c", true);

    (void)state;
    assert_non_null(store);
    close_it(store);
    assert_int_equal(scratch_count("a/b"), 1);
    store = open_at("a/b/c", true);
    assert_non_null(store);
    close_it(store);
    scratch_file("file", "x");
    store = open_at("file/c", true);
    assert_null(store);
    assert_int_equal(err.kind, ERROR_LOCAL);
    close_it(store);
    store = open_at("file", true);
    assert_null(store);
    assert_int_equal(err.kind, ERROR_LOCAL);
    close_it(store);
}

static void test_store_open_makes_nothing_without_rights(void **state)
{
    struct store *store;

    (void)state;
    scratch_folder("shut");
    assert_int_equal(fchmodat(scratch_root(), "shut", 0555, 0), 0);
    scratch_as_nobody();
    store = open_at("shut/a", true);
    scratch_as_before();
    assert_null(store);
    assert_int_equal(err.kind, ERROR_LOCAL);
    assert_string_equal(err.word, "File.AccessDenied");
    close_it(store);
    assert_int_equal(fchmodat(scratch_root(), "shut", 0755, 0), 0);
}

static void test_store_check_looks_at_the_rights_that_are_needed(void **state)
{
    static const struct {
        mode_t mode;
        bool reads;
        bool writes;
    } cases[] = { { 0777, true, true }, { 0555, true, false } };

    (void)state;
    scratch_folder("a");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct store *store;
        bool reads;
        bool writes;

        assert_int_equal(fchmodat(scratch_root(), "a", cases[i].mode, 0), 0);
        store = open_at("a", false);
        assert_non_null(store);
        scratch_as_nobody();
        reads = store_check(store, false, &err);
        writes = store_check(store, true, &err);
        scratch_as_before();
        if (reads != cases[i].reads || writes != cases[i].writes)
            fail_msg("mode %o: %d, %d", cases[i].mode, reads, writes);
        if (!writes)
            assert_int_equal(err.kind, ERROR_LOCAL);
        close_it(store);
    }
}

static void check_listing(struct s3_service *service, const struct location *skip,
                          const char *expected)
{
    struct store *store = store_open(&place, service, NULL, false, &err);
    struct store_listing *listing = store_listing_open(store, skip);
    struct object object;
    struct buffer keys;
    bool found;

    buffer_init(&keys, SIZE_MAX);
    while (store_listing_next(listing, &object, &found, &err) && found) {
        buffer_append_format(&keys, "%s ", object.key);
        object_release(&object);
    }
    assert_false(found);
    if (strcmp(keys.bytes, expected) != 0)
        fail_msg("without %s: %s", skip ? skip->prefix : "nothing", keys.bytes);
    buffer_release(&keys);
    store_listing_close(listing);
    store_close(store);
}

static void test_store_list_leaves_out_a_folder_below_and_nothing_else(void **state)
{
    static const char *const cases[][2] = {
        { "in/_avmap", "a/x a/y/z b " },    { "in/a", "_avmap/x b " },
        { "in/a/y", "_avmap/x a/x b " },    { "in/a/../b/../a/y", "_avmap/x a/x b " },
        { "link/y", "_avmap/x a/x b " },    { "in", "_avmap/x a/x a/y/z b " },
        { "", "_avmap/x a/x a/y/z b " },    { "in_avmap", "_avmap/x a/x a/y/z b " },
        { "out", "_avmap/x a/x a/y/z b " },
    };
    struct store *store;

    (void)state;
    scratch_file("in/_avmap/x", "x");
    scratch_file("in/a/x", "x");
    scratch_file("in/a/y/z", "x");
    scratch_file("in/b", "x");
    scratch_link("link", "in/a");
    store = open_at("in/", false);
    store_close(store);
    check_listing(NULL, NULL, "_avmap/x a/x a/y/z b ");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *path = memory_format("%s/%s", scratch_path(), cases[i][0]);
        struct location skip;

        assert_true(location_parse(path, &skip, &err));
        check_listing(NULL, &skip, cases[i][1]);
        location_release(&skip);
        free(path);
    }
    location_release(&place);
}

#define OBJECT(key)                                                                                \
    "<Contents><Key>" key "</Key><LastModified>2013-01-10T21:45:09.000Z</LastModified>"            \
    "<Size>1</Size></Contents>"

static void test_store_list_leaves_out_a_prefix_below_and_nothing_else_in_s3(void **state)
{
    static const char *const cases[][2] = {
        { "s3://bucket/in/_avmap/", "in/_avmap_/x in/a " },
        { "s3://bucket/in/", "in/_avmap/x in/_avmap_/x in/a " },
        { "s3://bucket", "in/_avmap/x in/_avmap_/x in/a " },
        { "s3://other-bucket/in/_avmap/", "in/_avmap/x in/_avmap_/x in/a " },
    };
    static const struct canned_reply reply = {
        .status = 200,
        .body = "<ListBucketResult><IsTruncated>false</IsTruncated>" OBJECT("in/_avmap/x")
            OBJECT("in/_avmap_/x") OBJECT("in/a") "</ListBucketResult>",
    };
    struct s3_fixture fixture;

    (void)state;
    s3_fixture_open(&fixture, &reply, 1);
    assert_true(location_parse("s3://bucket/in/", &place, &err));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct location skip;

        assert_true(location_parse(cases[i][0], &skip, &err));
        check_listing(fixture.service, &skip, cases[i][1]);
        location_release(&skip);
    }
    location_release(&place);
    s3_fixture_close(&fixture);
}

static void test_store_list_may_be_called_again(void **state)
{
    struct store *store;

    (void)state;
    scratch_file("in/x", "x");
    store = open_at("in", false);
    for (int i = 0; i < 2; i++) {
        struct store_listing *listing = store_listing_open(store, NULL);
        struct object object;
        bool found;

        assert_true(store_listing_next(listing, &object, &found, &err));
        assert_true(found);
        object_release(&object);
        store_listing_close(listing);
    }
    store_listing_close(NULL);
    close_it(store);
}

static void test_store_fetches_what_was_put(void **state)
{
    struct store_put_request request = { .content_type = "audio/x-wav" };
    struct store *store = open_at("out", true);
    struct store_listing *listing;
    struct object object;
    struct budget budget;
    struct spool from;
    struct spool to;
    char *etag = NULL;
    bool found;

    (void)state;
    budget_init(&budget, 1 << 20);
    spool_init(&from, &budget);
    spool_init(&to, &budget);
    assert_true(spool_write(&from, 0, "content", 7, &err));
    etag = memory_copy_text("not given");
    free(etag);
    assert_true(store_put(store, "a/b.wav", &from, &request, &etag, &err));
    assert_null(etag);
    assert_true(store_put(store, "a/b.wav", &from, &request, NULL, &err));
    listing = store_listing_open(store, NULL);
    assert_true(store_listing_next(listing, &object, &found, &err));
    assert_string_equal(object.key, "a/b.wav");
    assert_true(store_fetch(store, &object, &to, &err));
    assert_int_equal(to.size, 7);
    assert_memory_equal(spool_bytes(&to), "content", 7);
    assert_false(store_put(store, "../b.wav", &from, &request, NULL, &err));
    assert_string_equal(err.word, "Avmap.BadFileName");
    object_release(&object);
    store_listing_close(listing);
    spool_release(&from);
    spool_release(&to);
    close_it(store);
}

static bool put(struct store *store, const char *key, const struct store_put_request *request)
{
    struct budget budget;
    struct spool from;
    bool ok;

    budget_init(&budget, 1 << 20);
    spool_init(&from, &budget);
    assert_true(spool_write(&from, 0, "content", 7, &err));
    ok = store_put(store, key, &from, request, NULL, &err);
    spool_release(&from);
    return ok;
}

/* Whether files here can have attributes; on tmpfs they cannot on every kernel. */
static bool has_attributes(void)
{
    int file = openat(scratch_root(), "probe", O_RDWR | O_CREAT, 0600);
    bool has = fsetxattr(file, "user.avmap.probe", "x", 1, 0) == 0;

    close(file);
    unlinkat(scratch_root(), "probe", 0);
    return has;
}

static void test_store_stat_tells_size_time_and_notes(void **state)
{
    struct store_put_request request = { .source_etag = "\"abc\"", .recipe = "r1" };
    bool noted = has_attributes();
    struct store *store = open_at("out", true);
    struct store_info info = { 0 };
    struct stat status;
    bool found = false;

    (void)state;
    assert_true(put(store, "a/x", &request));
    assert_true(store_stat(store, "a/x", &info, &found, &err));
    assert_true(found);
    assert_int_equal(info.size, 7);
    assert_int_equal(fstatat(scratch_root(), "out/a/x", &status, 0), 0);
    assert_int_equal(info.modified_ms / 1000, status.st_mtim.tv_sec);
    assert_null(info.etag);
    if (noted) {
        assert_string_equal(info.source_etag, "\"abc\"");
        assert_string_equal(info.recipe, "r1");
    } else {
        assert_null(info.recipe);
    }
    store_info_release(&info);
    close_it(store);
}

static void test_store_stat_finds_files_only(void **state)
{
    static const char *const keys[] = { "y", "b/y", "a", "a/x/y", "link" };
    struct store_put_request request = { 0 };
    struct store *store = open_at("out", true);
    struct store_info info = { 0 };
    bool found = true;

    (void)state;
    assert_true(put(store, "a/x", &request));
    scratch_link("out/link", "out/a/x");
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        assert_true(store_stat(store, keys[i], &info, &found, &err));
        assert_false(found);
    }
    assert_true(store_stat(store, "a/x", &info, &found, &err));
    assert_true(found);
    assert_null(info.source_etag);
    store_info_release(&info);
    close_it(store);
}

static void test_store_put_of_new_objects_leaves_what_is_there(void **state)
{
    struct store_put_request request = { .only_new = true };
    struct store *store = open_at("out", true);

    (void)state;
    assert_true(put(store, "a/x", &request));
    assert_false(put(store, "a/x", &request));
    assert_int_equal(err.kind, ERROR_OBJECT);
    assert_string_equal(err.word, "Avmap.AlreadyExists");
    assert_int_equal(scratch_count("out/a"), 1);
    request.only_new = false;
    assert_true(put(store, "a/x", &request));
    close_it(store);
}

static void test_store_look_passes_over_what_is_skipped(void **state)
{
    struct store_put_request request = { 0 };
    struct store *store = open_at("out", true);
    struct location skip;
    enum contents contents = CONTENTS_SOME;

    (void)state;
    location_below(&place, "_avmap", &skip);
    assert_true(store_listing_look(store, NULL, &contents, &err));
    assert_int_equal(contents, CONTENTS_NONE);
    assert_true(put(store, "_avmap/x", &request));
    assert_true(store_listing_look(store, &skip, &contents, &err));
    assert_int_equal(contents, CONTENTS_PASSED_OVER);
    assert_true(store_listing_look(store, NULL, &contents, &err));
    assert_int_equal(contents, CONTENTS_SOME);
    assert_true(put(store, "a/x", &request));
    assert_true(store_listing_look(store, &skip, &contents, &err));
    assert_int_equal(contents, CONTENTS_SOME);
    location_release(&skip);
    close_it(store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_make, scratch_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_store_open_wants_the_folder),
        TEST(test_store_open_makes_the_folders_when_asked),
        TEST(test_store_open_makes_nothing_without_rights),
        TEST(test_store_check_looks_at_the_rights_that_are_needed),
        TEST(test_store_list_leaves_out_a_folder_below_and_nothing_else),
        TEST(test_store_list_leaves_out_a_prefix_below_and_nothing_else_in_s3),
        TEST(test_store_list_may_be_called_again),
        TEST(test_store_fetches_what_was_put),
        TEST(test_store_stat_tells_size_time_and_notes),
        TEST(test_store_stat_finds_files_only),
        TEST(test_store_put_of_new_objects_leaves_what_is_there),
        TEST(test_store_look_passes_over_what_is_skipped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
