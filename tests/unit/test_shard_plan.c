/* SPDX-License-Identifier: MIT */

#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <jansson.h>

#include "base/memory.h"
#include "run/shard_plan.h"
#include "scratch.h"

static struct shard_plan_settings settings;
static struct shard_plan_summary summary;
static char *source;
static char *plan;
static struct error err;

static int set_up(void **state)
{
    if (scratch_make(state) != 0)
        return -1;
    scratch_folder("in");
    source = memory_format("%s/in", scratch_path());
    plan = memory_format("%s/plan", scratch_path());
    settings = (struct shard_plan_settings){ .source = source, .plan = plan, .shards = 3 };
    return 0;
}

static int tear_down(void **state)
{
    shard_plan_summary_release(&summary);
    selection_release(&settings.selection);
    free(source);
    free(plan);
    return scratch_remove(state);
}

static void make_file(const char *name, uint64_t size)
{
    char *key = memory_format("in/%s", name);
    char *path = memory_format("%s/%s", scratch_path(), key);

    scratch_file(key, "");
    assert_int_equal(truncate(path, (off_t)size), 0);
    free(path);
    free(key);
}

static bool make_plan(void)
{
    shard_plan_summary_release(&summary);
    err = (struct error){ 0 };
    return shard_plan(&settings, NULL, &summary, &err);
}

/* The shard's items as an array. */
static json_t *read_shard(unsigned index)
{
    char *key = memory_format("plan/shard-%05u.jsonl", index);
    char *text = scratch_read(key);
    json_t *items = json_array();
    char *rest = text;

    if (!text)
        fail_msg("no %s", key);
    while (rest && *rest) {
        char *end = strchr(rest, '\n');
        json_t *item =
            end ? json_loadb(rest, (size_t)(end - rest), JSON_REJECT_DUPLICATES, NULL) : NULL;

        if (!json_is_object(item))
            fail_msg("%s: %.200s", key, rest);
        json_array_append_new(items, item);
        rest = end + 1;
    }
    free(text);
    free(key);
    return items;
}

static uint64_t bytes_of(const json_t *items)
{
    uint64_t bytes = 0;

    for (size_t i = 0; i < json_array_size(items); i++)
        bytes += (uint64_t)json_integer_value(json_object_get(json_array_get(items, i), "Size"));
    return bytes;
}

static void test_shard_plan_shares_thousands_of_items_out_evenly(void **state)
{
    enum { COUNT = 3000, SHARDS = 7 };

    uint64_t total = 0;
    uint64_t largest = 0;
    size_t items = 0;
    bool seen[COUNT] = { false };

    (void)state;
    for (unsigned i = 0; i < COUNT; i++) {
        char name[32];

        snprintf(name, sizeof(name), "%u/a%u", i % 10, i);
        make_file(name, 1 + (uint64_t)i * i * 17 % 100003);
        total += 1 + (uint64_t)i * i * 17 % 100003;
    }
    settings.shards = SHARDS;
    if (!make_plan())
        fail_msg("%s", err.text);
    assert_int_equal(summary.items, COUNT);
    assert_int_equal(summary.bytes, total);
    assert_int_equal(summary.skipped, 0);
    for (unsigned i = 0; i < SHARDS; i++) {
        json_t *shard = read_shard(i);
        uint64_t bytes = bytes_of(shard);

        for (size_t j = 0; j < json_array_size(shard); j++) {
            const char *key = json_string_value(json_object_get(json_array_get(shard, j), "Key"));
            unsigned long number = strtoul(strchr(key, 'a') + 1, NULL, 10);

            assert_in_range(number, 0, COUNT - 1);
            assert_false(seen[number]);
            seen[number] = true;
        }
        items += json_array_size(shard);
        assert_in_range(bytes, total / SHARDS - 1000, total / SHARDS + 1000);
        if (bytes > largest)
            largest = bytes;
        json_decref(shard);
    }
    assert_int_equal(items, COUNT);
    assert_int_equal(summary.largest_bytes, largest);
}

static void test_shard_plan_writes_plan_json_and_every_shard(void **state)
{
    char *expected = memory_format(
        "{\"bytes\":5,\"items\":1,\"shards\":3,\"source\":\"%s/\",\"version\":\"" AVMAP_VERSION
        "\"}",
        source);
    char *text;

    (void)state;
    make_file("a", 5);
    make_file("empty", 0);
    assert_true(make_plan());
    assert_int_equal(summary.skipped, 1);
    assert_int_equal(scratch_count("plan"), 4);
    text = scratch_read("plan/plan.json");
    assert_string_equal(text, expected);
    free(text);
    free(expected);
    text = memory_format("%s/plan.json", plan);
    assert_string_equal(summary.url, text);
    free(text);
}

static void test_shard_plan_of_nothing_has_empty_shards(void **state)
{
    (void)state;
    assert_true(make_plan());
    assert_int_equal(summary.items, 0);
    assert_int_equal(summary.largest_bytes, 0);
    for (unsigned i = 0; i < 3; i++) {
        json_t *shard = read_shard(i);

        assert_int_equal(json_array_size(shard), 0);
        json_decref(shard);
    }
}

/* One is as large as all others together, and gets a shard of its own. */
static void test_shard_plan_gives_the_largest_items_out_first(void **state)
{
    static const uint64_t sizes[] = { 1, 3, 3, 2, UINT64_C(1) << 40, 1, 2 };
    json_t *shard;

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        char name[16];

        snprintf(name, sizeof(name), "%zu", i);
        make_file(name, sizes[i]);
    }
    assert_true(make_plan());
    assert_int_equal(summary.largest_bytes, UINT64_C(1) << 40);
    shard = read_shard(0);
    assert_int_equal(json_array_size(shard), 1);
    json_decref(shard);
    for (unsigned i = 1; i < 3; i++) {
        shard = read_shard(i);
        assert_int_equal(bytes_of(shard), 6);
        json_decref(shard);
    }
}

static void test_shard_plan_with_more_shards_than_items(void **state)
{
    size_t items = 0;

    (void)state;
    make_file("a", 1);
    make_file("b", 1);
    settings.shards = 1000;
    assert_true(make_plan());
    assert_int_equal(scratch_count("plan"), 1001);
    for (unsigned i = 0; i < 1000; i++) {
        json_t *shard = read_shard(i);

        items += json_array_size(shard);
        assert_in_range(json_array_size(shard), 0, 1);
        json_decref(shard);
    }
    assert_int_equal(items, 2);
}

static void test_shard_plan_takes_keys_of_any_bytes(void **state)
{
    static const char *const names[] = { "two\nlines",   "100%",         "\xff\xfe",
                                         "\"quote\" \\", "\x01\x1b[31m", "b\xc3\xa9 c" };

    enum { COUNT = sizeof(names) / sizeof(names[0]) };

    json_t *shard;

    (void)state;
    for (size_t i = 0; i < COUNT; i++)
        make_file(names[i], 100);
    settings.shards = 1;
    assert_true(make_plan());
    shard = read_shard(0);
    assert_int_equal(json_array_size(shard), COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        const json_t *item = json_array_get(shard, i);
        const char *key = json_string_value(json_object_get(item, "Key"));
        const char *encoded = json_string_value(json_object_get(item, "KeyEncoded"));
        bool found = false;

        for (size_t j = 0; j < COUNT; j++)
            found = found || strcmp(key, names[j]) == 0;
        if (!found && (!encoded || strcmp(encoded, "%FF%FE") != 0))
            fail_msg("%s", key);
    }
    json_decref(shard);
}

/* A folder's path has no longest length: here a key is over 64 KiB, twice that in JSON. */
static void test_shard_plan_takes_keys_over_64_kib(void **state)
{
    enum { LENGTH = 250, DEPTH = 300 };

    char name[LENGTH + 1];
    int folder = openat(scratch_root(), "in", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    json_t *shard;
    size_t longest = 0;

    (void)state;
    memset(name, '"', LENGTH);
    name[LENGTH] = '\0';
    make_file("before", 2);
    for (int i = 0; i < DEPTH; i++) {
        int below;

        assert_int_equal(mkdirat(folder, name, 0755), 0);
        below = openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_true(below >= 0);
        close(folder);
        folder = below;
    }
    for (int i = 0; i < 3; i++) {
        int file;

        name[0] = (char)('a' + i);
        file = openat(folder, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
        assert_int_equal(write(file, "xy", 2), 2);
        close(file);
    }
    close(folder);
    settings.shards = 1;
    if (!make_plan())
        fail_msg("%s", err.text);
    shard = read_shard(0);
    assert_int_equal(json_array_size(shard), 4);
    for (size_t i = 0; i < 4; i++) {
        size_t length = json_string_length(json_object_get(json_array_get(shard, i), "Key"));

        longest = length > longest ? length : longest;
    }
    assert_int_equal(longest, (LENGTH + 1) * DEPTH + LENGTH);
    json_decref(shard);
}

static void test_shard_plan_picks_what_is_selected(void **state)
{
    json_t *shard;

    (void)state;
    make_file("a/1.mp3", 10);
    make_file("a/2.wav", 10);
    make_file("3.mp3", 1000);
    make_file("4.mp3", 10);
    selection_add_pattern(&settings.selection, true, "*.mp3");
    settings.selection.max_size = 100;
    settings.shards = 1;
    assert_true(make_plan());
    assert_int_equal(summary.items, 2);
    assert_int_equal(summary.skipped, 0);
    settings.max_items = 1;
    assert_true(make_plan());
    assert_int_equal(summary.items, 1);
    shard = read_shard(0);
    assert_int_equal(json_array_size(shard), 1);
    json_decref(shard);
}

static void test_shard_plan_may_lie_in_its_source_but_not_the_other_way(void **state)
{
    (void)state;
    make_file("a", 1);
    free(plan);
    plan = memory_format("%s/in/plans/1", scratch_path());
    settings.plan = plan;
    for (int i = 0; i < 2; i++) { /* the second time the first plan is there */
        assert_true(make_plan());
        assert_int_equal(summary.items, 1);
    }
    settings.plan = scratch_path();
    assert_false(make_plan());
    assert_int_equal(err.kind, ERROR_USAGE);
    settings.plan = source;
    assert_false(make_plan());
    assert_int_equal(err.kind, ERROR_USAGE);
}

static void test_shard_plan_stops_when_it_is_told_to(void **state)
{
    struct cancel cancel;

    (void)state;
    make_file("a", 1);
    assert_true(cancel_init(&cancel));
    cancel_stop(&cancel, 10000);
    assert_false(shard_plan(&settings, &cancel, &summary, &err));
    assert_int_equal(err.kind, ERROR_CANCELLED);
    assert_false(scratch_exists("plan/plan.json"));
    cancel_release(&cancel);
}

/* Plans four shards while the third cannot be written. */
static void make_plan_that_fails(void)
{
    char *in_the_way = memory_format("%s/plan/shard-00002.jsonl", scratch_path());

    scratch_folder("plan/shard-00002.jsonl");
    settings.shards = 4;
    assert_false(make_plan());
    assert_true(scratch_exists("plan/shard-00001.jsonl"));
    assert_int_equal(rmdir(in_the_way), 0);
    free(in_the_way);
}

static void test_shard_plan_that_fails_is_no_plan(void **state)
{
    char *text;

    (void)state;
    make_file("a", 1);
    make_plan_that_fails();
    assert_null(summary.url);
    text = scratch_read("plan/plan.json");
    assert_string_equal(text,
                        "{\"shards\":4,\"status\":\"RUNNING\",\"version\":\"" AVMAP_VERSION "\"}");
    free(text);
}

static void test_shard_plan_takes_away_what_an_unfinished_one_left(void **state)
{
    (void)state;
    make_file("a", 1);
    make_plan_that_fails();
    settings.shards = 1;
    assert_true(make_plan());
    assert_true(scratch_exists("plan/shard-00000.jsonl"));
    assert_false(scratch_exists("plan/shard-00001.jsonl"));
}

static void test_shard_plan_fails_without_its_source(void **state)
{
    static const char *const sources[] = { "/nowhere/at/all", "gopher://a/b", "" };

    (void)state;
    for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
        settings.source = sources[i];
        if (make_plan())
            fail_msg("%s", sources[i]);
        assert_int_not_equal(err.kind, ERROR_NONE);
        assert_false(scratch_exists("plan/plan.json"));
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_shard_plan_shares_thousands_of_items_out_evenly),
        TEST(test_shard_plan_writes_plan_json_and_every_shard),
        TEST(test_shard_plan_of_nothing_has_empty_shards),
        TEST(test_shard_plan_gives_the_largest_items_out_first),
        TEST(test_shard_plan_with_more_shards_than_items),
        TEST(test_shard_plan_takes_keys_of_any_bytes),
        TEST(test_shard_plan_takes_keys_over_64_kib),
        TEST(test_shard_plan_picks_what_is_selected),
        TEST(test_shard_plan_may_lie_in_its_source_but_not_the_other_way),
        TEST(test_shard_plan_stops_when_it_is_told_to),
        TEST(test_shard_plan_that_fails_is_no_plan),
        TEST(test_shard_plan_takes_away_what_an_unfinished_one_left),
        TEST(test_shard_plan_fails_without_its_source),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
