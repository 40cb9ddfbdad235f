/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/name_set.h"
#include "scratch.h"

static struct name_set *set;
static struct error err;

static int make_set(void **state)
{
    set = name_set_new();
    return scratch_make(state);
}

static int free_set(void **state)
{
    name_set_free(set);
    return scratch_remove(state);
}

/* Whether name was there already. */
static bool add(const char *name)
{
    bool seen = false;

    if (!name_set_add(set, name, &seen, &err))
        fail_msg("%.100s: %s", name, err.text);
    return seen;
}

static void test_name_set_is_empty_at_first(void **state)
{
    (void)state;
    assert_false(name_set_has(set, ""));
    assert_false(name_set_has(set, "a"));
    name_set_free(NULL);
}

static void test_name_set_tells_names_apart_by_every_byte(void **state)
{
    static const char *const names[] = {
        "",     "a",     "A",    "a ",   " a",       "a/b",       "a//b",
        "a\nb", "a%0Ab", "\xff", "\xfe", "\xc3\xa9", "e\xcc\x81",
    };
    char *longest = memory_new(100001, 1);

    (void)state;
    memset(longest, 'x', 100000);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_false(name_set_has(set, names[i]));
        if (add(names[i]))
            fail_msg("name %zu was taken for another one", i);
        assert_true(name_set_has(set, names[i]));
        assert_true(add(names[i]));
    }
    assert_false(add(longest));
    longest[99999] = 'y';
    assert_false(name_set_has(set, longest));
    assert_false(add(longest));
    free(longest);
}

/* Past several growths of the table. */
static void test_name_set_keeps_many_names(void **state)
{
    enum { COUNT = 30000 };

    char name[32];

    (void)state;
    for (int i = 0; i < COUNT; i++) {
        snprintf(name, sizeof(name), "folder/%d.mp3", i);
        assert_false(add(name));
    }
    for (int i = 0; i < 2 * COUNT; i++) {
        snprintf(name, sizeof(name), "folder/%d.mp3", i);
        if (name_set_has(set, name) != (i < COUNT))
            fail_msg("%s", name);
    }
    assert_true(add("folder/0.mp3"));
}

static void set_variable(const char *name, const char *value)
{
    if (value)
        setenv(name, value, 1);
    else
        unsetenv(name);
}

static void test_name_set_add_fails_without_a_disk_and_keeps_what_it_has(void **state)
{
    char *before = memory_copy_text(getenv("TMPDIR"));
    unsigned added = 0;
    char name[32];
    bool seen;
    bool ok = true;

    (void)state;
    assert_false(add("first"));
    set_variable("TMPDIR", "/nowhere/at/all");
    while (ok && added < 10000) {
        snprintf(name, sizeof(name), "%u", added);
        ok = name_set_add(set, name, &seen, &err);
        added += ok;
    }
    assert_false(name_set_add(set, "another", &seen, &err));
    set_variable("TMPDIR", before);
    free(before);
    assert_false(ok);
    assert_int_equal(err.kind, ERROR_LOCAL);
    assert_true(name_set_has(set, "first"));
    assert_true(name_set_has(set, "0"));
    assert_false(name_set_has(set, name));
    assert_false(name_set_has(set, "another"));
    assert_false(add(name));
    assert_true(name_set_has(set, "first"));
}

/* What is in a mapped file must have its blocks, or a full disk is a SIGBUS. */
static void test_name_set_add_fails_when_the_disk_is_full(void **state)
{
    char *before = memory_copy_text(getenv("TMPDIR"));
    char *folder = memory_format("%s/small", scratch_path());
    bool mounted = scratch_mount("small", 16384);
    bool seen;
    bool ok;

    (void)state;
    set_variable("TMPDIR", folder);
    ok = mounted && name_set_add(set, "a", &seen, &err);
    set_variable("TMPDIR", before);
    free(folder);
    free(before);
    if (!mounted)
        skip();
    assert_false(ok);
    assert_int_equal(err.kind, ERROR_LOCAL);
    assert_string_equal(err.word, "Avmap.DiskFull");
    assert_int_equal(scratch_count("small"), 0);
    assert_false(add("a"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_set, free_set)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_name_set_is_empty_at_first),
        TEST(test_name_set_tells_names_apart_by_every_byte),
        TEST(test_name_set_keeps_many_names),
        TEST(test_name_set_add_fails_without_a_disk_and_keeps_what_it_has),
        TEST(test_name_set_add_fails_when_the_disk_is_full),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
