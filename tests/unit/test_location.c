/* SPDX-License-Identifier: MIT */

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "scratch.h"
#include "store/location.h"

static struct location parse(const char *text)
{
    struct location location;
    struct error err;

    if (!location_parse(text, &location, &err))
        fail_msg("%s: %s", text, err.text);
    return location;
}

static void test_location_parse_reads_both_kinds(void **state)
{
    static const struct {
        const char *text;
        enum location_kind kind;
        const char *container;
        const char *prefix;
    } cases[] = {
        { "s3://bucket", LOCATION_S3, "bucket", "" },
        { "s3://bucket/", LOCATION_S3, "bucket", "" },
        { "s3://bucket/a/b", LOCATION_S3, "bucket", "a/b" },
        { "s3://bucket/a/b/", LOCATION_S3, "bucket", "a/b/" },
        { "s3://bucket//a/../b/.", LOCATION_S3, "bucket", "/a/../b/." },
        { "S3://bucket/a?b#c%20", LOCATION_S3, "bucket", "a?b#c%20" },
        { "/", LOCATION_DIRECTORY, "/", "" },
        { "//", LOCATION_DIRECTORY, "/", "" },
        { "/.", LOCATION_DIRECTORY, "/", "" },
        { "/..", LOCATION_DIRECTORY, "/", "" },
        { "/../..//", LOCATION_DIRECTORY, "/", "" },
        { "/no/such", LOCATION_DIRECTORY, "/no/such", "" },
        { "//no///such//", LOCATION_DIRECTORY, "/no/such", "" },
        { "/no/./such/.", LOCATION_DIRECTORY, "/no/such", "" },
        { "/no/such/../folder", LOCATION_DIRECTORY, "/no/folder", "" },
        { "/no/../..", LOCATION_DIRECTORY, "/", "" },
        { "/no/...", LOCATION_DIRECTORY, "/no/...", "" },
        { "/no/..such", LOCATION_DIRECTORY, "/no/..such", "" },
        { "/no/\xff\xfe \x01", LOCATION_DIRECTORY, "/no/\xff\xfe \x01", "" },
        { "file:///no/such", LOCATION_DIRECTORY, "/no/such", "" },
        { "FILE:///no/such/", LOCATION_DIRECTORY, "/no/such", "" },
        { "file:///", LOCATION_DIRECTORY, "/", "" },
        { "/no/s3://b", LOCATION_DIRECTORY, "/no/s3:/b", "" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct location location = parse(cases[i].text);

        if (location.kind != cases[i].kind || strcmp(location.container, cases[i].container) != 0 ||
            strcmp(location.prefix, cases[i].prefix) != 0)
            fail_msg("%s: %s, %s", cases[i].text, location.container, location.prefix);
        location_release(&location);
    }
}

static void test_location_parse_refuses_what_is_neither(void **state)
{
    static const char *const texts[] = {
        "",           "s3://",         "s3:///key",      "s3://a b/c",
        "s3://x",     "http://host/x", "https://host/x", "gs://bucket/x",
        "file://x/y", "file://",       "file://../x",    "C+-.9://x",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct location location;
        struct error err;

        if (location_parse(texts[i], &location, &err))
            fail_msg("accepted: %s", texts[i]);
        assert_int_equal(err.kind, ERROR_USAGE);
        location_release(&location);
    }
}

static char *below_scratch(const char *name)
{
    return memory_format("%s%s%s", scratch_path(), *name ? "/" : "", name);
}

static void test_location_parse_resolves_links_and_dots_in_what_exists(void **state)
{
    static const struct {
        const char *text; /* from the folder "sub" on */
        const char *container;
    } cases[] = {
        { ".", "sub" },
        { "./", "sub" },
        { "..", "" },
        { "../", "" },
        { "../sub", "sub" },
        { "x", "sub/x" },
        { "x/y/../z", "sub/x/z" },
        { "link", "real/deep" },
        { "link/..", "real" },
        { "link/../x", "real/x" },
        { "link/new/x", "real/deep/new/x" },
        { "dangling/x", "sub/dangling/x" },
        { "self/x", "sub/self/x" },
        { "file/x", "sub/file/x" },
    };

    int before = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    (void)state;
    scratch_folder("real/deep");
    scratch_file("sub/file", "x");
    scratch_link("sub/link", "../real/deep");
    scratch_link("sub/dangling", "nowhere");
    scratch_link("sub/self", "self");
    assert_int_equal(fchdir(scratch_root()) || chdir("sub"), 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct location location = parse(cases[i].text);
        char *expected = below_scratch(cases[i].container);

        if (strcmp(location.container, expected) != 0)
            fail_msg("%s: %s", cases[i].text, location.container);
        free(expected);
        location_release(&location);
    }
    assert_int_equal(fchdir(before), 0);
    close(before);
}

static void
test_location_parse_refuses_a_relative_path_when_the_current_folder_is_gone(void **state)
{
    int before = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct location location;
    struct error err;
    bool ok;

    (void)state;
    scratch_folder("gone");
    assert_int_equal(fchdir(scratch_root()) || chdir("gone"), 0);
    assert_int_equal(unlinkat(scratch_root(), "gone", AT_REMOVEDIR), 0);
    ok = location_parse("x", &location, &err);
    assert_false(ok);
    assert_int_equal(err.kind, ERROR_USAGE);
    location_release(&location);
    location = parse("/no/x");
    location_release(&location);
    assert_int_equal(fchdir(before), 0);
    close(before);
}

static void test_location_parse_takes_very_long_paths(void **state)
{
    enum { LENGTH = 20000 };

    char *path = memory_new(LENGTH + 1, 1);
    struct location location;

    (void)state;
    for (int i = 0; i < LENGTH; i++)
        path[i] = i % 2 ? 'x' : '/';
    location = parse(path);
    assert_string_equal(location.container, path);
    location_release(&location);
    free(path);
}

static void test_location_make_folder_ends_a_prefix_with_a_slash(void **state)
{
    static const char *const cases[][2] = {
        { "s3://bucket", "" },      { "s3://bucket/", "" },       { "s3://bucket/a", "a/" },
        { "s3://bucket/a/", "a/" }, { "s3://bucket/a//", "a//" }, { "/no/such", "" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct location location = parse(cases[i][0]);

        location_make_folder(&location);
        if (strcmp(location.prefix, cases[i][1]) != 0)
            fail_msg("%s: %s", cases[i][0], location.prefix);
        location_release(&location);
    }
}

static void test_location_below_names_a_folder_in_a_folder(void **state)
{
    static const char *const cases[][3] = {
        { "s3://bucket", "bucket", "_avmap/" },
        { "s3://bucket/out/", "bucket", "out/_avmap/" },
        { "/no/such", "/no/such/_avmap", "" },
        { "/", "/_avmap", "" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct location folder = parse(cases[i][0]);
        struct location below;

        location_below(&folder, "_avmap", &below);
        if (below.kind != folder.kind || strcmp(below.container, cases[i][1]) != 0 ||
            strcmp(below.prefix, cases[i][2]) != 0)
            fail_msg("%s: %s, %s", cases[i][0], below.container, below.prefix);
        location_release(&below);
        location_release(&folder);
    }
}

static void test_location_contains_what_would_be_listed(void **state)
{
    static const struct {
        const char *outer;
        const char *inner;
        bool contains;
    } cases[] = {
        { "s3://bucket/", "s3://bucket/", true },
        { "s3://bucket/", "s3://bucket/a", true },
        { "s3://bucket/a", "s3://bucket/", false },
        { "s3://bucket/a/", "s3://bucket/a/b", true },
        { "s3://bucket/folder1", "s3://bucket/folder10/x", true },
        { "s3://bucket/a/", "s3://bucket/b/", false },
        { "s3://bucket/a", "s3://bucket2/a", false },
        { "s3://bucket/a", "s3://Bucket/a", false },
        { "s3://bucket/", "/bucket", false },
        { "/bucket/a", "s3://bucket/a", false },
        { "/no/a", "/no/a", true },
        { "/no/a", "/no/a/", true },
        { "/no/a", "/no/a/b/c", true },
        { "/no/a", "/no/ab", false },
        { "/no/a", "/no", false },
        { "/no/a", "/no/a/../b", false },
        { "/no/a", "/no/b/../a/c", true },
        { "/", "/no/a", true },
        { "/", "/", true },
        { "/no", "/", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct location outer = parse(cases[i].outer);
        struct location inner = parse(cases[i].inner);

        if (location_contains(&outer, &inner) != cases[i].contains)
            fail_msg("%s, %s: %d", cases[i].outer, cases[i].inner, !cases[i].contains);
        location_release(&inner);
        location_release(&outer);
    }
}

static void test_location_contains_sees_through_links(void **state)
{
    char *outer_path = below_scratch("link");
    char *inner_path = below_scratch("real/deep/out");
    struct location outer;
    struct location inner;

    (void)state;
    scratch_folder("real/deep");
    scratch_link("link", "real");
    outer = parse(outer_path);
    inner = parse(inner_path);
    assert_true(location_contains(&outer, &inner));
    assert_false(location_contains(&inner, &outer));
    location_release(&outer);
    location_release(&inner);
    free(outer_path);
    free(inner_path);
}

static void test_location_check_key_refuses_what_cannot_be_stored(void **state)
{
    char longest[1025] = { 0 };
    char longer[1026] = { 0 };
    char part[257] = { 0 };

    const struct {
        const char *place;
        const char *key;
        bool ok;
    } cases[] = {
        { "s3://bucket/", "a/b.wav", true },
        { "s3://bucket/", "a//../b/", true },
        { "s3://bucket/", "\xc3\xa9 \x01", true },
        { "s3://bucket/", "\xff", false },
        { "s3://bucket/", "a\xc3", false },
        { "s3://bucket/", longest, true },
        { "s3://bucket/", longer, false },
        { "/no", "a/b.wav", true },
        { "/no", "\xff", true },
        { "/no", "a//b", false },
        { "/no", "../b", false },
        { "/no", "/b", false },
        { "/no", part, false },
    };

    (void)state;
    memset(longest, 'x', sizeof(longest) - 1);
    memset(longer, 'x', sizeof(longer) - 1);
    memset(part, 'x', sizeof(part) - 1);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct location place = parse(cases[i].place);
        struct error err = { 0 };

        if (location_check_key(&place, cases[i].key, &err) != cases[i].ok)
            fail_msg("%s %s: %s", cases[i].place, cases[i].key, err.text);
        if (!cases[i].ok)
            assert_string_equal(err.word, "Avmap.BadFileName");
        location_release(&place);
    }
}

static void test_location_url_is_for_people(void **state)
{
    static const char *const cases[][3] = {
        { "s3://bucket/prefix", "a b/c", "s3://bucket/a b/c" },
        { "/no/such", "a b/c", "/no/such/a b/c" },
        { "/", "a", "/a" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct location location = parse(cases[i][0]);
        char *url = location_url(&location, cases[i][1]);

        assert_string_equal(url, cases[i][2]);
        free(url);
        location_release(&location);
    }
}

static void test_location_release_leaves_an_empty_one(void **state)
{
    struct location location = parse("s3://bucket/x");

    (void)state;
    location_release(&location);
    assert_null(location.container);
    location_release(&location);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_make, scratch_remove)

static void test_location_parse_object_splits_folder_and_name(void **state)
{
    static const char *const cases[][3] = {
        { "s3://bucket/x/y z.csv", "bucket", "x/y z.csv" },
        { "/no/such/y.csv", "/no/such", "y.csv" },
        { "file:///y.csv", "/", "y.csv" },
    };
    static const char *const refused[] = {
        "s3://bucket", "s3://bucket/", "s3://bucket/x/", "/no/such/", "/", ""
    };
    struct location location;
    struct error err;
    char *key;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_true(location_parse_object(cases[i][0], &location, &key, &err));
        assert_string_equal(location.container, cases[i][1]);
        assert_string_equal(location.prefix, "");
        assert_string_equal(key, cases[i][2]);
        location_release(&location);
        free(key);
    }
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        assert_false(location_parse_object(refused[i], &location, &key, &err));
        assert_int_equal(err.kind, ERROR_USAGE);
        assert_null(key);
        location_release(&location);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_location_parse_object_splits_folder_and_name),
        cmocka_unit_test(test_location_parse_reads_both_kinds),
        cmocka_unit_test(test_location_parse_refuses_what_is_neither),
        TEST(test_location_parse_resolves_links_and_dots_in_what_exists),
        TEST(test_location_parse_refuses_a_relative_path_when_the_current_folder_is_gone),
        cmocka_unit_test(test_location_parse_takes_very_long_paths),
        cmocka_unit_test(test_location_make_folder_ends_a_prefix_with_a_slash),
        cmocka_unit_test(test_location_below_names_a_folder_in_a_folder),
        cmocka_unit_test(test_location_contains_what_would_be_listed),
        TEST(test_location_contains_sees_through_links),
        cmocka_unit_test(test_location_check_key_refuses_what_cannot_be_stored),
        cmocka_unit_test(test_location_url_is_for_people),
        cmocka_unit_test(test_location_release_leaves_an_empty_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
