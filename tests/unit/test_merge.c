/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <jansson.h>

#include "base/memory.h"
#include "run/merge.h"
#include "scratch.h"

#define RUN_ID "d0b38e10-30a5-4934-9ac6-a333df406947"
#define OTHER_ID "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
#define NO_FILES "{\"ResultFiles\":{\"FAILED\":[],\"PENDING\":[],\"SUCCEEDED\":[]}}"
#define SHARD(index, count)                                                                        \
    "\"runId\":\"" RUN_ID "\",\"shard\":{\"count\":" count ",\"index\":" index "}"

static struct merge_summary summary;
static struct error err;

static int release(void **state)
{
    merge_summary_release(&summary);
    return scratch_remove(state);
}

/* Puts a file into a shard's folder, "shard-00000-0123abcd". */
static void put(const char *folder, const char *name, const char *text)
{
    char *key = memory_format(RUN_ID "/%s/%s", folder, name);

    scratch_file(key, text);
    free(key);
}

static void put_shard(const char *folder, const char *manifest, const char *run)
{
    put(folder, "manifest.json", manifest);
    put(folder, "run.json", run);
}

static bool merge_folders(char *const *folders, size_t count)
{
    const struct merge_settings settings = { .results = folders, .results_count = count };

    merge_summary_release(&summary);
    err = (struct error){ 0 };
    return merge(&settings, NULL, &summary, &err);
}

static bool merge_scratch(void)
{
    char *path = memory_format("%s/" RUN_ID, scratch_path());
    bool ok = merge_folders(&path, 1);

    free(path);
    return ok;
}

static json_t *read_json(const char *key)
{
    char *text = scratch_read(key);
    json_t *value = text ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;

    if (!value)
        fail_msg("%s: %s", key, text ? text : "no file");
    free(text);
    return value;
}

/* name says where in the test this is. */
static void check_member(const char *name, const json_t *value, const char *member,
                         const char *expected)
{
    char *text =
        json_dumps(json_object_get(value, member), JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);

    if (strcmp(text ? text : "none", expected) != 0)
        fail_msg("%s: %s instead of %s", name, text ? text : "none", expected);
    free(text);
}

static void check_json(const json_t *value, const char *member, const char *expected)
{
    check_member(member, value, member, expected);
}

static void test_merge_joins_the_files_and_counts_of_all_shards(void **state)
{
    static const char *const files[] = { "a\xc3\xa9\\n", "b", "c" };
    json_t *value;

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        char *folder = memory_format("shard-%05u-0123abcd", i);
        char *manifest =
            memory_format("{\"DestinationBucket\":\"out\",\"MapRunArn\":\"arn\",\"ResultFiles\":{"
                          "\"FAILED\":[],\"PENDING\":[],\"SUCCEEDED\":[{\"Key\":\"%s\",\"Size\":%u}"
                          "]}}",
                          files[i], i);
        char *run = memory_format(
            "{\"runId\":\"" RUN_ID "\",\"shard\":{\"count\":3,\"index\":%u},\"command\":\"x\","
            "\"itemCounts\":{\"total\":%u,\"failed\":1},\"skipped\":{\"total\":2},"
            "\"throughput\":{\"bytesIn\":5000000000,\"mediaSeconds\":1.5}}",
            i, i + 1);

        put_shard(folder, manifest, run);
        free(run);
        free(manifest);
        free(folder);
    }
    if (!merge_scratch())
        fail_msg("%s", err.text);
    assert_int_equal(summary.expected, 3);
    assert_int_equal(summary.found, 3);
    assert_null(summary.missing);
    assert_non_null(strstr(summary.manifest_url, "/manifest.json"));
    value = read_json(RUN_ID "/manifest.json");
    check_json(value, "DestinationBucket", "\"out\"");
    check_json(value, "MapRunArn", "\"arn\"");
    check_json(value, "ResultFiles",
               "{\"FAILED\":[],\"PENDING\":[],\"SUCCEEDED\":[{\"Key\":\"a\xc3\xa9\\n\",\"Size\":0},"
               "{\"Key\":\"b\",\"Size\":1},{\"Key\":\"c\",\"Size\":2}]}");
    json_decref(value);
    value = read_json(RUN_ID "/run.json");
    check_json(value, "runId", "\"" RUN_ID "\"");
    check_json(value, "command", "\"x\"");
    check_json(value, "shards", "3");
    check_json(value, "shard", "none");
    check_json(value, "itemCounts", "{\"failed\":3,\"total\":6}");
    check_json(value, "skipped", "{\"total\":6}");
    check_json(value, "throughput", "{\"bytesIn\":15000000000,\"mediaSeconds\":4.5}");
    json_decref(value);
}

/* The run came to the worst end of its shards', and lasted from the first to the last of them. */
/* What a member of two shards' run.json becomes. */
struct merged_case {
    const char *name;
    const char *runs[2];
    const char *member;
    const char *merged;
};

static void check_merged(const struct merged_case *wanted)
{
    char *first = memory_format("{" SHARD("0", "2") ",%s}", wanted->runs[0]);
    char *second = memory_format("{" SHARD("1", "2") ",%s}", wanted->runs[1]);
    json_t *run;

    put_shard("shard-00000-0123abcd", NO_FILES, first);
    put_shard("shard-00001-0123abcd", NO_FILES, second);
    if (!merge_scratch())
        fail_msg("%s: %s", wanted->name, err.text);
    run = read_json(RUN_ID "/run.json");
    check_member(wanted->name, run, wanted->member, wanted->merged);
    assert_int_equal(summary.lacks_items, json_is_false(json_object_get(run, "listingComplete")));
    json_decref(run);
    free(first);
    free(second);
}

static void test_merge_takes_the_end_of_the_run_from_all_shards(void **state)
{
    static const struct merged_case cases[] = {
        { "both succeeded",
          { "\"status\":\"SUCCEEDED\"", "\"status\":\"SUCCEEDED\"" },
          "status",
          "\"SUCCEEDED\"" },
        { "second failed",
          { "\"status\":\"SUCCEEDED\"", "\"status\":\"FAILED\"" },
          "status",
          "\"FAILED\"" },
        { "first failed",
          { "\"status\":\"FAILED\"", "\"status\":\"SUCCEEDED\"" },
          "status",
          "\"FAILED\"" },
        { "second aborted",
          { "\"status\":\"FAILED\"", "\"status\":\"ABORTED\"" },
          "status",
          "\"ABORTED\"" },
        { "first aborted",
          { "\"status\":\"ABORTED\"", "\"status\":\"FAILED\"" },
          "status",
          "\"ABORTED\"" },
        { "the error is the worse one's",
          { "\"status\":\"FAILED\",\"error\":1", "\"status\":\"ABORTED\",\"error\":2" },
          "error",
          "2" },
        { "or there is none",
          { "\"status\":\"FAILED\",\"error\":1", "\"status\":\"ABORTED\"" },
          "error",
          "none" },
        { "the first error stays",
          { "\"status\":\"ABORTED\",\"error\":1", "\"status\":\"ABORTED\",\"error\":2" },
          "error",
          "1" },
        { "begins",
          { "\"startDate\":\"2024-12-01T12:00:00.000Z\"",
            "\"startDate\":\"2024-12-01T09:00:00.000Z\"" },
          "startDate",
          "\"2024-12-01T09:00:00.000Z\"" },
        { "ends",
          { "\"stopDate\":\"2024-12-01T12:00:00.000Z\"",
            "\"stopDate\":\"2025-01-01T09:00:00.000Z\"" },
          "stopDate",
          "\"2025-01-01T09:00:00.000Z\"" },
        { "listing",
          { "\"listingComplete\":true", "\"listingComplete\":false" },
          "listingComplete",
          "false" },
        { "listing, first",
          { "\"listingComplete\":false", "\"listingComplete\":true" },
          "listingComplete",
          "false" },
        { "unreadable",
          { "\"unreadableFolders\":2", "\"unreadableFolders\":3" },
          "unreadableFolders",
          "5" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        check_merged(&cases[i]);
}

static void test_merge_gives_rates_over_all_the_time(void **state)
{
    static const struct merged_case cases[] = {
        { "the seconds are from the first begin to the last end",
          { "\"seconds\":2.5,\"throughput\":{},\"startDate\":\"2025-01-01T09:00:01.000Z\","
            "\"stopDate\":\"2025-01-01T09:00:03.500Z\"",
            "\"seconds\":9.0,\"throughput\":{},\"startDate\":\"2025-01-01T09:00:02.000Z\","
            "\"stopDate\":\"2025-01-01T09:00:11.000Z\"" },
          "seconds",
          "10.0" },
        { "rates are over that time",
          { "\"itemCounts\":{\"total\":7,\"pending\":2},\"throughput\":{\"mediaSeconds\":3.0},"
            "\"startDate\":\"2025-01-01T09:00:00.000Z\","
            "\"stopDate\":\"2025-01-01T09:00:02.000Z\"",
            "\"itemCounts\":{\"total\":5,\"pending\":0},\"throughput\":{\"mediaSeconds\":5.0},"
            "\"startDate\":\"2025-01-01T09:00:00.000Z\","
            "\"stopDate\":\"2025-01-01T09:00:04.000Z\"" },
          "throughput",
          "{\"mediaSeconds\":8.0,\"objectsPerSecond\":2.5,\"timesRealTime\":2.0}" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        check_merged(&cases[i]);
}

static void test_merge_names_the_missing_shards_and_writes_nothing(void **state)
{
    (void)state;
    put_shard("shard-00001-0123abcd", NO_FILES, "{" SHARD("1", "5") "}");
    put_shard("shard-00003-0123abcd", NO_FILES, "{" SHARD("3", "5") "}");
    put("shard-00004-0123abcd", "run.json",
        "{" SHARD("4", "5") "}"); /* killed before its manifest */
    assert_true(merge_scratch());
    assert_int_equal(summary.expected, 5);
    assert_int_equal(summary.found, 2);
    assert_string_equal(summary.missing, "0, 2, 4");
    assert_null(summary.manifest_url);
    assert_false(scratch_exists(RUN_ID "/manifest.json"));
    assert_false(scratch_exists(RUN_ID "/run.json"));
}

static void test_merge_again_gives_the_same(void **state)
{
    char *first;
    char *second;

    (void)state;
    put_shard("shard-00000-0123abcd", NO_FILES,
              "{" SHARD("0", "1") ",\"itemCounts\":{\"total\":7}}");
    assert_true(merge_scratch());
    first = scratch_read(RUN_ID "/run.json");
    assert_true(merge_scratch());
    second = scratch_read(RUN_ID "/run.json");
    assert_string_equal(first, second);
    free(first);
    free(second);
}

static void test_merge_takes_shards_from_several_folders(void **state)
{
    char *folders[] = { memory_format("%s/a/" RUN_ID, scratch_path()),
                        memory_format("%s/b/" RUN_ID "/", scratch_path()) };

    (void)state;
    scratch_file("a/" RUN_ID "/shard-00001-0123abcd/manifest.json", NO_FILES);
    scratch_file("a/" RUN_ID "/shard-00001-0123abcd/run.json", "{" SHARD("1", "2") "}");
    scratch_file("b/" RUN_ID "/shard-00000-0123abcd/manifest.json", NO_FILES);
    scratch_file("b/" RUN_ID "/shard-00000-0123abcd/run.json", "{" SHARD("0", "2") "}");
    assert_true(merge_folders(folders, 2));
    assert_int_equal(summary.found, 2);
    assert_true(scratch_exists("a/" RUN_ID "/manifest.json"));
    assert_false(scratch_exists("b/" RUN_ID "/manifest.json"));
    folders[1][strlen(folders[1]) - strlen("b/" RUN_ID "/")] = 'a'; /* the same twice */
    assert_true(merge_folders(folders, 2));
    assert_string_equal(summary.missing, "0");
    free(folders[0]);
    free(folders[1]);
}

static void test_merge_writes_nowhere_but_into_the_folder_of_the_run(void **state)
{
    char *destination = memory_copy_text(scratch_path());

    (void)state;
    put_shard("shard-00000-0123abcd", NO_FILES, "{" SHARD("0", "1") "}");
    assert_false(merge_folders(&destination, 1));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_non_null(strstr(err.text, "RESULTS/" RUN_ID "/"));
    assert_int_equal(scratch_count("."), 1);
    free(destination);
    assert_true(merge_scratch());
}

/* As when a job is started again while its first attempt still lives; that one may end last. */
static void test_merge_takes_the_attempt_that_got_furthest(void **state)
{
    static const struct {
        const char *run;
        const char *file;
    } attempts[] = {
        { "\"itemCounts\":{\"succeeded\":2},\"stopDate\":\"2026-11-21T00:00:01.000Z\"", "early" },
        { "\"itemCounts\":{\"succeeded\":2},\"stopDate\":\"2026-11-21T00:00:02.000Z\"", "best" },
        { "\"itemCounts\":{\"succeeded\":1},\"stopDate\":\"2026-11-21T00:00:03.000Z\"", "late" },
    };

    json_t *manifest;

    (void)state;
    /* In every order of the folders' names. */
    for (size_t order = 0; order < 3; order++) {
        for (size_t i = 0; i < 3; i++) {
            char *folder = memory_format("shard-00000-%08zu", (i + order) % 3);
            char *files = memory_format("{\"ResultFiles\":{\"FAILED\":[],\"PENDING\":[],"
                                        "\"SUCCEEDED\":[{\"Key\":\"%s\",\"Size\":1}]}}",
                                        attempts[i].file);
            char *run = memory_format("{" SHARD("0", "1") ",%s}", attempts[i].run);

            put_shard(folder, files, run);
            free(run);
            free(files);
            free(folder);
        }
        assert_true(merge_scratch());
        assert_int_equal(summary.found, 1);
        manifest = read_json(RUN_ID "/manifest.json");
        check_member(
            "attempts", manifest, "ResultFiles",
            "{\"FAILED\":[],\"PENDING\":[],\"SUCCEEDED\":[{\"Key\":\"best\",\"Size\":1}]}");
        json_decref(manifest);
    }
}

/* What runs of shards call their folders, and what only looks like it. */
static void test_merge_looks_into_the_folders_of_shards_only(void **state)
{
    static const struct {
        const char *folder;
        const char *run; /* NULL: no shard's folder */
    } cases[] = {
        { "shard-00000-0123abcd", "{" SHARD("0", "1") "}" },
        { "shard-99999-00000000", "{" SHARD("99999", "100001") "}" },
        { "shard-100000-ffffffff", "{" SHARD("100000", "100001") "}" },
        { "run/shard-00000-0123abcd", "{" SHARD("0", "1") "}" },
        { "shard-", NULL },
        { "shard-00000", NULL },
        { "shard-0000-0123abcd", NULL },
        { "shard-0000x-0123abcd", NULL },
        { "xshard-00000-0123abcd", NULL },
        { "shard-00000-0123abc", NULL },
        { "shard-00000-0123abcde", NULL },
        { "shard-00000-0123abcg", NULL },
        { "shard-00000-0123abcd.bak", NULL },
        { "shard-00000-0123abcd/old", NULL },
        { "Shard-00000-0123abcd", NULL },
        { "shard--0001-0123abcd", NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *run = cases[i].run;

        put_shard(cases[i].folder, NO_FILES, run ? run : "{" SHARD("0", "1") "}");
        if (!merge_scratch())
            fail_msg("%s: %s", cases[i].folder, err.text);
        if ((summary.missing && strcmp(summary.missing, "all") == 0) != (run == NULL))
            fail_msg("%s", cases[i].folder);
        scratch_remove(NULL);
        scratch_make(NULL);
    }
}

/* A shard beside a good one. */
static void test_merge_refuses_what_is_no_shard_of_this_run(void **state)
{
    static const char *const runs[] = {
        "{}",
        "{\"runId\":\"" RUN_ID "\"}",
        "{\"runId\":\"" RUN_ID "\",\"shard\":null}",
        "{\"runId\":\"" RUN_ID "\",\"shard\":{}}",
        "{\"runId\":\"" RUN_ID "\",\"shard\":[1,2]}",
        "{\"runId\":\"" RUN_ID "\",\"shard\":{\"count\":2}}",
        "{\"runId\":\"" RUN_ID "\",\"shard\":{\"index\":1}}",
        "{\"runId\":7,\"shard\":{\"count\":2,\"index\":1}}",
        "{\"shard\":{\"count\":2,\"index\":1}}",
        "{\"runId\":\"" OTHER_ID "\",\"shard\":{\"count\":2,\"index\":1}}",
        "{\"runId\":\"\",\"shard\":{\"count\":2,\"index\":1}}",
        "{" SHARD("0", "2") "}",
        "{" SHARD("2", "2") "}",
        "{" SHARD("-1", "2") "}",
        "{" SHARD("\"1\"", "2") "}",
        "{" SHARD("1.0", "2") "}",
        "{" SHARD("true", "2") "}",
        "{" SHARD("null", "2") "}",
        "{" SHARD("4294967297", "2") "}",
        "{" SHARD("9223372036854775807", "9223372036854775807") "}",
        "{" SHARD("1", "0") "}",
        "{" SHARD("1", "3") "}",
        "{" SHARD("1", "-2") "}",
        "{" SHARD("1", "4294967298") "}",
        "{" SHARD("1", "1000001") "}",
        "{" SHARD("1", "99999999999999999999999") "}",
        "{" SHARD("1", "2") ",\"runId\":\"" RUN_ID "\"}",
        "[]",
        "",
        "{",
        "null",
        "\"\xff\"",
        "{\"a\":\"\\u0000\"}",
    };

    (void)state;
    put_shard("shard-00000-0123abcd", NO_FILES, "{" SHARD("0", "2") "}");
    for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
        put_shard("shard-00001-0123abcd", NO_FILES, runs[i]);
        if (merge_scratch())
            fail_msg("took %s", runs[i]);
        if (!strstr(err.text, "shard-00001-0123abcd/"))
            fail_msg("%s: %s", runs[i], err.text);
        assert_false(scratch_exists(RUN_ID "/manifest.json"));
    }
}

static void test_merge_refuses_what_is_no_manifest(void **state)
{
    static const char *const manifests[] = {
        "{}",
        "{\"ResultFiles\":null}",
        "{\"ResultFiles\":[]}",
        "{\"ResultFiles\":{}}",
        "{\"ResultFiles\":{\"FAILED\":[],\"SUCCEEDED\":[]}}",
        "{\"ResultFiles\":{\"FAILED\":[],\"PENDING\":{},\"SUCCEEDED\":[]}}",
        "{\"ResultFiles\":{\"FAILED\":\"[]\",\"PENDING\":[],\"SUCCEEDED\":[]}}",
        "{\"ResultFiles\":{\"FAILED\":[],\"PENDING\":[],\"SUCCEEDED\":[]}} and more",
        "",
        "[]",
        "\xef\xbb\xbf{\"ResultFiles\":{\"FAILED\":[],\"PENDING\":[],\"SUCCEEDED\":[]}}",
    };

    (void)state;
    for (int shard = 0; shard < 2; shard++) {
        put_shard("shard-00000-0123abcd", NO_FILES, "{" SHARD("0", "2") "}");
        put_shard("shard-00001-0123abcd", NO_FILES, "{" SHARD("1", "2") "}");
        for (size_t i = 0; i < sizeof(manifests) / sizeof(manifests[0]); i++) {
            const char *folder = shard ? "shard-00001-0123abcd" : "shard-00000-0123abcd";

            put(folder, "manifest.json", manifests[i]);
            if (merge_scratch())
                fail_msg("took %s", manifests[i]);
            if (!strstr(err.text, folder))
                fail_msg("%s: %s", manifests[i], err.text);
            assert_false(scratch_exists(RUN_ID "/manifest.json"));
        }
    }
}

/* Nested further than anybody's stack is deep. */
static void test_merge_refuses_json_without_a_bottom(void **state)
{
    static const char *const openings[] = { "{\"a\":", "[" };

    enum { DEPTH = 1000000 };

    (void)state;
    put_shard("shard-00000-0123abcd", NO_FILES, "{" SHARD("0", "1") "}");
    for (size_t i = 0; i < 2; i++) {
        size_t length = strlen(openings[i]);
        char *text = memory_new(DEPTH * length + 1, 1);

        for (size_t j = 0; j < DEPTH; j++)
            memcpy(text + j * length, openings[i], length);
        put("shard-00000-0123abcd", "manifest.json", text);
        assert_false(merge_scratch());
        assert_int_equal(err.kind, ERROR_OBJECT);
        free(text);
    }
}

/* Numbers that cannot be are not worth an error, but must do no harm. */
static void test_merge_adds_up_hostile_counts(void **state)
{
    static const char *const counts[] = {
        "{\"total\":9223372036854775807}",
        "{\"total\":-9223372036854775808}",
        "{\"total\":1.7e308}",
        "{\"total\":\"7\"}",
        "{\"total\":null}",
        "{\"total\":{\"total\":1}}",
        "{\"total\":[1]}",
        "{}",
        "[1]",
        "7",
        "null",
    };

    enum { COUNT = sizeof(counts) / sizeof(counts[0]) };

    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        for (size_t j = 0; j < COUNT; j++) {
            char *first = memory_format("{" SHARD("0", "2") ",\"seconds\":%s,\"itemCounts\":%s}",
                                        counts[j], counts[i]);
            char *second = memory_format(
                "{" SHARD("1", "2") ",\"status\":%s,\"startDate\":%s,\"itemCounts\":%s}", counts[i],
                counts[i], counts[j]);

            put_shard("shard-00000-0123abcd", NO_FILES, first);
            put_shard("shard-00001-0123abcd", NO_FILES, second);
            if (!merge_scratch())
                fail_msg("%s, %s: %s", counts[i], counts[j], err.text);
            json_decref(read_json(RUN_ID "/run.json"));
            free(first);
            free(second);
        }
    }
}

static void test_merge_joins_thousands_of_shards(void **state)
{
    enum { COUNT = 2000 };

    json_t *manifest;

    (void)state;
    for (unsigned i = 0; i < COUNT; i++) {
        char *folder = memory_format("shard-%05u-0123abcd", i);
        char *files =
            memory_format("{\"ResultFiles\":{\"FAILED\":[{\"Key\":\"%u\"}],\"PENDING\":[],"
                          "\"SUCCEEDED\":[]}}",
                          i);
        char *run = memory_format(
            "{\"runId\":\"" RUN_ID "\",\"shard\":{\"count\":%d,\"index\":%u}}", COUNT, i);

        put_shard(folder, files, run);
        free(run);
        free(files);
        free(folder);
    }
    assert_true(merge_scratch());
    assert_int_equal(summary.found, COUNT);
    manifest = read_json(RUN_ID "/manifest.json");
    assert_int_equal(
        json_array_size(json_object_get(json_object_get(manifest, "ResultFiles"), "FAILED")),
        COUNT);
    json_decref(manifest);
}

static void test_merge_refuses_folders_that_are_not_there(void **state)
{
    char nowhere[] = "/nowhere/at/all";
    char wrong[] = "gopher://a/b";
    char *folders[] = { NULL };
    char *other = memory_format("%s/other", scratch_path());

    (void)state;
    scratch_folder("other");
    folders[0] = other;
    assert_false(merge_folders(folders, 1));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_non_null(strstr(err.text, "has no shard-"));
    free(other);
    folders[0] = nowhere;
    assert_false(merge_folders(folders, 1));
    assert_int_not_equal(err.kind, ERROR_NONE);
    folders[0] = wrong;
    assert_false(merge_folders(folders, 1));
    assert_int_equal(err.kind, ERROR_USAGE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_make, release)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_merge_joins_the_files_and_counts_of_all_shards),
        TEST(test_merge_takes_the_end_of_the_run_from_all_shards),
        TEST(test_merge_gives_rates_over_all_the_time),
        TEST(test_merge_names_the_missing_shards_and_writes_nothing),
        TEST(test_merge_again_gives_the_same),
        TEST(test_merge_takes_shards_from_several_folders),
        TEST(test_merge_writes_nowhere_but_into_the_folder_of_the_run),
        TEST(test_merge_takes_the_attempt_that_got_furthest),
        TEST(test_merge_looks_into_the_folders_of_shards_only),
        TEST(test_merge_refuses_what_is_no_shard_of_this_run),
        TEST(test_merge_refuses_what_is_no_manifest),
        TEST(test_merge_refuses_json_without_a_bottom),
        TEST(test_merge_adds_up_hostile_counts),
        TEST(test_merge_joins_thousands_of_shards),
        TEST(test_merge_refuses_folders_that_are_not_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
