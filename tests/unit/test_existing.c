/* SPDX-License-Identifier: MIT */

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "run/existing.h"
#include "scratch.h"
#include "store_fixture.h"

static struct error err;

/* Of a source file, "5-1000000" its version. */
static char source_key[] = "a.mp3";
static const struct object source = { .key = source_key, .size = 5, .modified_ms = 1000000 };

static struct existing existing_of(enum if_exists rule)
{
    static char codec[] = "-c:a";
    static char flac[] = "flac";
    static char *const words[] = { codec, flac };
    struct existing existing;

    existing_init(&existing, rule, words, 2);
    return existing;
}

static void check_recipes_differ(char *const *one, size_t one_count, char *const *other,
                                 size_t other_count)
{
    struct existing existing;
    struct existing changed;

    existing_init(&existing, IF_EXISTS_UPDATE, one, one_count);
    existing_init(&changed, IF_EXISTS_UPDATE, other, other_count);
    assert_int_equal(strlen(existing.recipe), 64);
    assert_string_not_equal(existing.recipe, changed.recipe);
}

static void test_existing_init_makes_a_fingerprint_of_every_word_and_their_order(void **state)
{
    char a[] = "a";
    char b[] = "b";
    char ab[] = "ab";
    char empty[] = "";
    char *const words[] = { a, b };
    char *const swapped[] = { b, a };
    char *const joined[] = { ab };
    char *const longer[] = { a, b, empty };
    struct existing again;
    struct existing existing;

    (void)state;
    check_recipes_differ(words, 2, swapped, 2);
    check_recipes_differ(words, 2, joined, 1);
    check_recipes_differ(words, 2, longer, 3);
    check_recipes_differ(words, 2, words, 1);
    check_recipes_differ(words, 1, NULL, 0);
    existing_init(&existing, IF_EXISTS_UPDATE, words, 2);
    existing_init(&again, IF_EXISTS_SKIP, words, 2);
    assert_string_equal(existing.recipe, again.recipe);
}

static void test_existing_source_version_is_the_etag_or_size_and_time(void **state)
{
    char etag[] = "\"0123-4\"";
    struct object object = { .etag = etag, .size = UINT64_MAX, .modified_ms = -1 };
    char version[64];

    (void)state;
    existing_source_version(&object, version, sizeof(version));
    assert_string_equal(version, "\"0123-4\"");
    object.etag = NULL;
    existing_source_version(&object, version, sizeof(version));
    assert_string_equal(version, "18446744073709551615--1");
    existing_source_version(&object, version, 5);
    assert_string_equal(version, "1844");
}

/* Whether the result is to be made, kept, or the item fails. */
enum verdict { MAKE, KEEP, FAIL };

static enum verdict judge(const struct existing *existing, const char *key)
{
    const char *kept = "nothing said so";

    err = (struct error){ 0 };
    if (!existing_judge(existing, store_fixture.store, key, &source, &kept, &err))
        return FAIL;
    return kept ? KEEP : MAKE;
}

/* As avmap writes a result; a file system without notes skips the test. */
static void put_result(const char *key, const char *source_version, const char *recipe)
{
    struct store_put_request request = { .source_etag = source_version, .recipe = recipe };
    char *path = memory_format("%s/%s", scratch_path(), key);
    struct budget budget;
    struct spool spool;
    bool has_notes;

    budget_init(&budget, 1000);
    spool_init(&spool, &budget);
    assert_true(spool_write(&spool, 0, "x", 1, &err));
    assert_true(store_put(store_fixture.store, key, &spool, &request, NULL, &err));
    spool_release(&spool);
    has_notes = !recipe || getxattr(path, "user.avmap.recipe", NULL, 0) >= 0;
    free(path);
    if (!has_notes)
        skip();
}

static void test_existing_judge_by_rule(void **state)
{
    static const struct {
        enum if_exists rule;
        enum verdict found;
        enum verdict missing;
    } cases[] = {
        { IF_EXISTS_UPDATE, MAKE, MAKE }, /* nothing is known of a file of another program */
        { IF_EXISTS_OVERWRITE, MAKE, MAKE },
        { IF_EXISTS_SKIP, KEEP, MAKE },
        { IF_EXISTS_FAIL, FAIL, MAKE },
    };

    (void)state;
    scratch_file("result", "");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct existing existing = existing_of(cases[i].rule);

        if (judge(&existing, "result") != cases[i].found)
            fail_msg("case %zu, found", i);
        if (cases[i].found == FAIL) {
            assert_int_equal(err.kind, ERROR_OBJECT);
            assert_string_equal(err.word, "Avmap.AlreadyExists");
        }
        if (judge(&existing, "missing") != cases[i].missing)
            fail_msg("case %zu, missing", i);
        existing.nothing_is_there = true;
        assert_int_equal(judge(&existing, "result"), MAKE);
    }
}

static void test_existing_judge_keeps_what_was_made_of_the_same_in_the_same_way(void **state)
{
    struct existing existing = existing_of(IF_EXISTS_UPDATE);

    const struct {
        const char *name;
        const char *version;
        const char *recipe;
        enum verdict verdict;
    } cases[] = {
        { "the same", "5-1000000", existing.recipe, KEEP },
        { "another time", "5-1000001", existing.recipe, MAKE },
        { "another size", "6-1000000", existing.recipe, MAKE },
        { "an ETag", "\"5-1000000\"", existing.recipe, MAKE },
        { "more", "5-1000000 ", existing.recipe, MAKE },
        { "another recipe", "5-1000000", "0123", MAKE },
        { "no source", NULL, existing.recipe, MAKE },
        { "no recipe", "5-1000000", NULL, MAKE },
        { "nothing", NULL, NULL, MAKE },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        put_result("result", cases[i].version, cases[i].recipe);
        if (judge(&existing, "result") != cases[i].verdict)
            fail_msg("%s", cases[i].name);
    }
}

/* Notes that another program left, or somebody by hand. */
static void test_existing_judge_takes_no_hostile_notes(void **state)
{
    struct existing existing = existing_of(IF_EXISTS_UPDATE);
    char *path = memory_format("%s/result", scratch_path());
    char *longest = memory_new(4001, 1);

    const struct {
        const char *version;
        size_t size;
    } cases[] = { { "", 0 },
                  { "\0"
                    "5-1000000",
                    10 },
                  { "\xff\n", 2 },
                  { longest, 4000 } };

    (void)state;
    memset(longest, '5', 4000);
    put_result("result", "5-1000000", existing.recipe);
    assert_int_equal(judge(&existing, "result"), KEEP);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (setxattr(path, "user.avmap.source-etag", cases[i].version, cases[i].size, 0) < 0)
            continue; /* there are file systems with less room for it */
        if (judge(&existing, "result") != MAKE)
            fail_msg("case %zu", i);
    }
    free(longest);
    free(path);
}

/* Files of the kernel, which are as old as the process and have no extended attributes. */
static void test_existing_judge_by_time_where_a_folder_keeps_no_notes(void **state)
{
    static const char name[] = "status";
    struct object of_long_ago = { .key = source_key, .size = 5, .modified_ms = 1000000 };
    struct object of_tomorrow = { .key = source_key, .size = 5, .modified_ms = INT64_MAX };
    struct existing existing = existing_of(IF_EXISTS_UPDATE);
    struct location place;
    struct store *store;
    const char *kept;

    (void)state;
    assert_true(location_parse("/proc/self", &place, &err));
    store = store_open(&place, NULL, NULL, false, &err);
    assert_non_null(store);
    assert_true(existing_judge(&existing, store, name, &of_long_ago, &kept, &err));
    assert_non_null(strstr(kept, "newer than its source"));
    assert_true(existing_judge(&existing, store, name, &of_tomorrow, &kept, &err));
    assert_null(kept);
    store_close(store);
    location_release(&place);
}

static void test_existing_judge_replaces_what_others_made_where_a_folder_keeps_notes(void **state)
{
    struct existing existing = existing_of(IF_EXISTS_UPDATE);

    (void)state;
    put_result("noted", "5-1000000", existing.recipe);
    assert_int_equal(judge(&existing, "noted"), KEEP);
    scratch_file("result", "newer than its source");
    assert_int_equal(judge(&existing, "result"), MAKE);
}

static void test_existing_judge_fails_as_the_store_does(void **state)
{
    struct existing existing = existing_of(IF_EXISTS_UPDATE);

    (void)state;
    scratch_file("closed/result", "");
    assert_int_equal(fchmodat(scratch_root(), "closed", 0, 0), 0);
    scratch_as_nobody();
    assert_int_equal(judge(&existing, "closed/result"), FAIL);
    scratch_as_before();
    assert_string_equal(err.word, "File.AccessDenied");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, store_fixture_make, store_fixture_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_existing_init_makes_a_fingerprint_of_every_word_and_their_order),
        cmocka_unit_test(test_existing_source_version_is_the_etag_or_size_and_time),
        TEST(test_existing_judge_by_rule),
        TEST(test_existing_judge_keeps_what_was_made_of_the_same_in_the_same_way),
        TEST(test_existing_judge_takes_no_hostile_notes),
        cmocka_unit_test(test_existing_judge_by_time_where_a_folder_keeps_no_notes),
        TEST(test_existing_judge_replaces_what_others_made_where_a_folder_keeps_notes),
        TEST(test_existing_judge_fails_as_the_store_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
