/* SPDX-License-Identifier: MIT */

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <jansson.h>

#include "base/memory.h"
#include "results/results.h"
#include "scratch.h"

#define RUN_ID "d0b38e10-30a5-4934-9ac6-a333df406947"

static const struct record_run run = { .id = RUN_ID, .region = "us-west-2" };
static const uint64_t unlimited = UINT64_MAX;
static struct location place;
static struct store *store;
static struct results *results;
static struct error err;

static void start_as(enum results_format format, uint64_t max_file_size)
{
    const struct results_settings settings = {
        .place = &place, .run = &run, .folder = "", .format = format, .max_file_size = max_file_size
    };

    assert_true(location_parse(scratch_path(), &place, &err));
    store = store_open(&place, NULL, NULL, false, &err);
    assert_non_null(store);
    results = results_new(&settings);
}

static void start(uint64_t max_file_size)
{
    start_as(RESULTS_JSON, max_file_size);
}

static void end(void)
{
    results_free(results);
    store_close(store);
    location_release(&place);
}

static bool add_with_input(enum outcome outcome, uint64_t index, const char *input)
{
    struct error why;
    struct record record = {
        .outcome = outcome,
        .index = index,
        .key = "a.mp3",
        .input = input,
        .output = "{}",
        .error = &why,
        .start_ms = 0,
        .stop_ms = 1,
    };

    error_set(&why, ERROR_MEDIA, "Media.InvalidData", "broken");
    return results_add(results, &record, &err);
}

static void add(enum outcome outcome, uint64_t index)
{
    assert_true(add_with_input(outcome, index, "{}"));
}

static void finish(void)
{
    if (!results_take_over(results, &err) || !results_finish(results, store, "{\"run\":1}", &err))
        fail_msg("%s", err.text);
}

static void check_file(const char *name, const char *expected)
{
    char *key = memory_format(RUN_ID "/%s", name);
    char *text = scratch_read(key);

    if (!text)
        fail_msg("no file %s", name);
    assert_string_equal(text, expected);
    free(text);
    free(key);
}

/* The file as an array of records. */
static json_t *read_file(const char *name, size_t *size)
{
    char *key = memory_format(RUN_ID "/%s", name);
    char *text = scratch_read(key);
    json_t *value = text ? json_loads(text, 0, NULL) : NULL;

    if (!json_is_array(value))
        fail_msg("%s is no array: %.300s", name, text ? text : "no file");
    *size = text ? strlen(text) : 0;
    free(text);
    free(key);
    return value;
}

static void test_results_finish_of_nothing_writes_no_files_but_the_manifest(void **state)
{
    (void)state;
    start(unlimited);
    finish();
    assert_int_equal(scratch_count(RUN_ID), 2);
    check_file("run.json", "{\"run\":1}");
    {
        char *expected = memory_format(
            "{\"DestinationBucket\":\"%s\",\"MapRunArn\":\"arn:aws:states:us-west-2:000000000000:"
            "mapRun:avmap/S3objectkeys:" RUN_ID "\",\"ResultFiles\":{\"FAILED\":[],\"PENDING\":[],"
            "\"SUCCEEDED\":[]}}",
            scratch_path());

        check_file("manifest.json", expected);
        free(expected);
    }
    end();
}

#define PENDING_RECORD                                                                             \
    "{\"Input\":\"{}\",\"InputDetails\":{\"Included\":true},\"Status\":\"PENDING\"}"

static void test_results_finish_writes_records_as_arrays_and_their_exact_sizes(void **state)
{
    (void)state;
    start(unlimited);
    for (uint64_t i = 0; i < 3; i++)
        add(OUTCOME_PENDING, i);
    finish();
    check_file("PENDING_0.json", "[" PENDING_RECORD "," PENDING_RECORD "," PENDING_RECORD "]");
    {
        char *expected = memory_format(
            "{\"DestinationBucket\":\"%s\",\"MapRunArn\":\"arn:aws:states:us-west-2:000000000000:"
            "mapRun:avmap/S3objectkeys:" RUN_ID "\",\"ResultFiles\":{\"FAILED\":[],\"PENDING\":"
            "[{\"Key\":\"" RUN_ID "/PENDING_0.json\",\"Size\":%zu}],\"SUCCEEDED\":[]}}",
            scratch_path(), 3 * strlen(PENDING_RECORD) + 4);

        check_file("manifest.json", expected);
        free(expected);
    }
    end();
}

static void test_results_finish_sorts_records_by_outcome(void **state)
{
    static const struct {
        const char *name;
        const char *statuses[4];
    } files[] = {
        { "SUCCEEDED_0.json", { "SUCCEEDED", "SUCCEEDED" } },
        { "FAILED_0.json", { "FAILED", "TIMED_OUT", "ABORTED" } },
        { "PENDING_0.json", { "PENDING" } },
    };

    (void)state;
    start(unlimited);
    add(OUTCOME_SUCCEEDED, 0);
    add(OUTCOME_FAILED, 1);
    add(OUTCOME_PENDING, 2);
    add(OUTCOME_TIMED_OUT, 3);
    add(OUTCOME_SUCCEEDED, 4);
    add(OUTCOME_ABORTED, 5);
    finish();
    assert_int_equal(scratch_count(RUN_ID), 5);
    for (size_t i = 0; i < 3; i++) {
        size_t size;
        json_t *records = read_file(files[i].name, &size);
        size_t count = 0;

        while (count < 4 && files[i].statuses[count])
            count++;
        assert_int_equal(json_array_size(records), count);
        for (size_t j = 0; j < count; j++)
            assert_string_equal(
                json_string_value(json_object_get(json_array_get(records, j), "Status")),
                files[i].statuses[j]);
        json_decref(records);
    }
    end();
}

/* What the manifest says of one kind agrees with the files. */
static size_t check_manifest(const char *kind, uint64_t max_file_size)
{
    char *text = scratch_read(RUN_ID "/manifest.json");
    json_t *manifest = json_loads(text, 0, NULL);
    json_t *entries = json_object_get(json_object_get(manifest, "ResultFiles"), kind);
    size_t records = 0;

    for (size_t i = 0; i < json_array_size(entries); i++) {
        json_t *entry = json_array_get(entries, i);
        char *name = memory_format("%s_%zu.json", kind, i);
        char *key = memory_format(RUN_ID "/%s", name);
        size_t size;
        json_t *file = read_file(name, &size);

        assert_string_equal(json_string_value(json_object_get(entry, "Key")), key);
        assert_int_equal(json_integer_value(json_object_get(entry, "Size")), size);
        assert_true(json_array_size(file) == 1 || size <= max_file_size);
        assert_true(json_array_size(file) > 0);
        records += json_array_size(file);
        json_decref(file);
        free(name);
        free(key);
    }
    json_decref(manifest);
    free(text);
    return records;
}

static size_t count_files(const char *kind)
{
    size_t count = 0;

    for (;; count++) {
        char *key = memory_format(RUN_ID "/%s_%zu.json", kind, count);
        bool there = scratch_exists(key);

        free(key);
        if (!there)
            return count;
    }
}

static void test_results_add_begins_a_new_file_before_one_gets_too_large(void **state)
{
    const size_t length = strlen(PENDING_RECORD);

    const struct {
        uint64_t max_file_size;
        uint64_t records;
        size_t files;
    } cases[] = {
        { 2 * length + 3, 4, 2 },                                        /* [a,b] exactly */
        { 2 * length + 2, 4, 4 }, { 2 * length + 4, 5, 3 }, { 1, 3, 3 }, /* a record never is cut */
        { 3 * length + 4, 3, 1 }, { UINT64_MAX, 5, 1 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t files;

        start(cases[i].max_file_size);
        for (uint64_t record = 0; record < cases[i].records; record++)
            add(OUTCOME_PENDING, record);
        finish();
        files = count_files("PENDING");
        if (files != cases[i].files)
            fail_msg("case %zu: %zu files", i, files);
        assert_int_equal(check_manifest("PENDING", cases[i].max_file_size), cases[i].records);
        end();
        scratch_remove(NULL);
        scratch_make(NULL);
    }
}

static void test_results_finish_writes_a_record_a_line_when_asked(void **state)
{
    (void)state;
    start_as(RESULTS_JSONL, unlimited);
    for (uint64_t i = 0; i < 3; i++)
        add(OUTCOME_PENDING, i);
    finish();
    check_file("PENDING_0.jsonl", PENDING_RECORD "\n" PENDING_RECORD "\n" PENDING_RECORD "\n");
    {
        char *manifest = scratch_read(RUN_ID "/manifest.json");
        char *entry = memory_format("{\"Key\":\"" RUN_ID "/PENDING_0.jsonl\",\"Size\":%zu}",
                                    3 * strlen(PENDING_RECORD) + 3);

        assert_non_null(strstr(manifest, entry));
        free(entry);
        free(manifest);
    }
    end();
}

static void test_results_finish_writes_the_manifest_last(void **state)
{
    (void)state;
    start(unlimited);
    add(OUTCOME_FAILED, 0);
    scratch_folder(RUN_ID "/FAILED_0.json/in the way");
    assert_false(results_finish(results, store, "{}", &err));
    assert_non_null(strstr(err.text, "FAILED_0.json"));
    assert_false(scratch_exists(RUN_ID "/manifest.json"));
    end();
    scratch_remove(NULL);
    scratch_make(NULL);
    start(unlimited);
    scratch_folder(RUN_ID "/run.json/in the way");
    assert_false(results_finish(results, store, "{}", &err));
    assert_false(scratch_exists(RUN_ID "/manifest.json"));
    end();
}

static void test_results_manifest_url_is_known_from_the_start(void **state)
{
    static const char *const cases[][2] = {
        { "s3://bucket/out/", "s3://bucket/out/" RUN_ID "/manifest.json" },
        { "s3://bucket", "s3://bucket/" RUN_ID "/manifest.json" },
        { "/no/such", "/no/such/" RUN_ID "/manifest.json" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct location there;
        const struct results_settings settings = { .place = &there,
                                                   .run = &run,
                                                   .folder = "",
                                                   .format = RESULTS_JSON,
                                                   .max_file_size = unlimited };

        assert_true(location_parse(cases[i][0], &there, &err));
        results = results_new(&settings);
        assert_string_equal(results_manifest_url(results), cases[i][1]);
        results_free(results);
        location_release(&there);
    }
    results_free(NULL);
}

/* Memory ends after 8 MiB, and here no temporary file can follow. */
static void test_results_finish_writes_no_manifest_when_a_record_did_not_fit(void **state)
{
    enum { LARGE = 3 * 1024 * 1024 - 200 };

    char *input = memory_new(LARGE + 1, 1);
    char *before = memory_copy_text(getenv("TMPDIR"));
    uint64_t added = 0;

    (void)state;
    memset(input, 'x', LARGE);
    start(unlimited);
    setenv("TMPDIR", "/nowhere/at/all", 1);
    while (added < 10 && add_with_input(OUTCOME_PENDING, added, input))
        added++;
    assert_int_equal(err.kind, ERROR_LOCAL);
    assert_non_null(strstr(err.text, "a.mp3"));
    assert_in_range(added, 1, 4);
    for (int i = 0; i < 3; i++)
        assert_false(add_with_input(OUTCOME_PENDING, added, input));
    assert_false(add_with_input(OUTCOME_FAILED, added, input));
    if (before)
        setenv("TMPDIR", before, 1);
    else
        unsetenv("TMPDIR");
    free(before);
    assert_true(add_with_input(OUTCOME_PENDING, added, "{}"));
    assert_false(results_finish(results, store, "{}", &err));
    assert_int_equal(err.kind, ERROR_LOCAL);
    assert_non_null(strstr(err.text, "no result files are written"));
    assert_false(scratch_exists(RUN_ID));
    end();
    free(input);
}

enum { THREADS = 8, RECORDS = 500 };

static void *add_many(void *unused)
{
    for (uint64_t i = 0; i < RECORDS; i++) {
        struct error failure;
        struct record record = { .outcome = i % 3 ? OUTCOME_SUCCEEDED : OUTCOME_PENDING,
                                 .index = i,
                                 .key = "x",
                                 .input = "{}",
                                 .output = "{}" };

        if (!results_add(results, &record, &failure))
            return results;
    }
    return unused;
}

static void test_results_add_may_come_from_many_threads(void **state)
{
    pthread_t threads[THREADS];

    (void)state;
    start(5000);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, add_many, NULL), 0);
    for (int i = 0; i < THREADS; i++) {
        void *failed;

        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    finish();
    assert_int_equal(check_manifest("SUCCEEDED", 5000) + check_manifest("PENDING", 5000),
                     THREADS * RECORDS);
    end();
}

static struct journal *journal;

static void open_journal(void)
{
    char id[UUID_SIZE] = RUN_ID;

    journal = journal_open(scratch_path(), "test", id, &err);
    if (!journal)
        fail_msg("%s", err.text);
}

/* Results of the same run with its journal. */
static void start_attempt(enum results_format format)
{
    struct results_settings settings = {
        .place = &place, .run = &run, .folder = "", .format = format, .max_file_size = unlimited
    };

    open_journal();
    settings.journal = journal;
    assert_true(location_parse(scratch_path(), &place, &err));
    store = store_open(&place, NULL, NULL, false, &err);
    assert_non_null(store);
    results = results_new(&settings);
}

static void end_attempt(void)
{
    end();
    journal_close(journal);
}

static void add_key(enum outcome outcome, const char *key)
{
    struct error why;
    const struct record record = {
        .outcome = outcome, .key = key, .input = "{}", .output = key, .error = &why
    };

    error_set(&why, ERROR_MEDIA, "Media.InvalidData", "broken");
    if (!results_add(results, &record, &err))
        fail_msg("%s", err.text);
}

static uint64_t resume(struct earlier_keys *keys)
{
    keys->done_count = 0;
    if (!results_resume(results, keys, &err))
        fail_msg("%s", err.text);
    return keys->done_count;
}

static void test_results_resume_takes_over_what_succeeded_and_only_that(void **state)
{
    static const char odd[] = "100%\n\t\xff";

    (void)state;
    for (enum results_format format = RESULTS_JSON; format <= RESULTS_JSONL; format++) {
        const char *name = format == RESULTS_JSON ? "SUCCEEDED_0.json" : "SUCCEEDED_0.jsonl";
        struct earlier_keys keys;
        char *uninterrupted;
        char *resumed;
        char *key = memory_format(RUN_ID "/%s", name);

        earlier_keys_init(&keys);
        start_attempt(format);
        assert_int_equal(resume(&keys), 0);
        add_key(OUTCOME_SUCCEEDED, "a");
        add_key(OUTCOME_FAILED, "b");
        add_key(OUTCOME_SUCCEEDED, odd);
        add_key(OUTCOME_PENDING, "c");
        finish();
        uninterrupted = scratch_read(key);
        end_attempt();
        assert_int_equal(scratch_count("."), 1);

        start_attempt(format);
        assert_int_equal(resume(&keys), 0);
        add_key(OUTCOME_SUCCEEDED, "a");
        add_key(OUTCOME_FAILED, "b");
        add_key(OUTCOME_TIMED_OUT, "d");
        add_key(OUTCOME_SUCCEEDED, odd);
        end_attempt(); /* a kill */
        start_attempt(format);
        assert_int_equal(resume(&keys), 2);
        assert_true(name_set_has(keys.done, "a"));
        assert_true(name_set_has(keys.done, odd));
        assert_false(name_set_has(keys.done, "b"));
        assert_false(name_set_has(keys.done, "d"));
        finish();
        resumed = scratch_read(key);
        assert_non_null(uninterrupted);
        assert_non_null(resumed);
        assert_int_equal(strlen(resumed), strlen(uninterrupted));
        end_attempt();
        free(uninterrupted);
        free(resumed);
        free(key);
        earlier_keys_release(&keys);
        scratch_remove(NULL);
        scratch_make(NULL);
    }
}

static void test_results_resume_takes_a_key_over_once(void **state)
{
    struct earlier_keys keys;
    size_t size;
    json_t *records;

    earlier_keys_init(&keys);
    (void)state;
    start_attempt(RESULTS_JSON);
    assert_int_equal(resume(&keys), 0);
    for (int i = 0; i < 3; i++)
        add_key(OUTCOME_SUCCEEDED, "a");
    end_attempt();
    start_attempt(RESULTS_JSON);
    assert_int_equal(resume(&keys), 1);
    finish();
    records = read_file("SUCCEEDED_0.json", &size);
    assert_int_equal(json_array_size(records), 1);
    json_decref(records);
    end_attempt();
    earlier_keys_release(&keys);
}

/* As a record of an item that was looked at again. */
static void add_again(enum outcome outcome, const char *key, bool kept, const char *output)
{
    const struct record record = {
        .outcome = outcome, .key = key, .input = "{}", .output = output, .again = true, .kept = kept
    };

    assert_true(results_add(results, &record, &err));
}

/* The Outputs of all successes, in order. */
static void check_outputs(const char *expected)
{
    char *all = memory_copy_text("");
    size_t size;
    json_t *records = read_file("SUCCEEDED_0.json", &size);
    const json_t *record;
    size_t i;

    json_array_foreach(records, i, record)
    {
        char *longer =
            memory_format("%s%s ", all, json_string_value(json_object_get(record, "Output")));

        free(all);
        all = longer;
    }
    assert_string_equal(all, expected);
    free(all);
    json_decref(records);
}

static void test_results_take_over_leaves_out_what_was_made_again(void **state)
{
    (void)state;
    start_attempt(RESULTS_JSON);
    for (const char *const *key = (const char *const[]){ "a", "b", "c", "d", NULL }; *key; key++)
        add_key(OUTCOME_SUCCEEDED, *key);
    end_attempt();
    for (int attempt = 0; attempt < 2; attempt++) {
        struct earlier_keys keys;

        earlier_keys_init(&keys);
        start_attempt(RESULTS_JSON);
        assert_int_equal(resume(&keys), 4);
        earlier_keys_release(&keys);
        add_again(OUTCOME_SUCCEEDED, "a", true, "kept");
        add_again(OUTCOME_PENDING, "b", false, NULL);
        if (attempt == 0)
            add_again(OUTCOME_SUCCEEDED, "c", false, "c2");
        else
            add_again(OUTCOME_SUCCEEDED, "d", false, "d2");
        add_key(OUTCOME_FAILED, "a"); /* the same object, twice in a list */
        if (attempt == 1)
            finish();
        end_attempt();
    }
    check_outputs("d2 a b c2 ");
    assert_int_equal(check_manifest("PENDING", unlimited), 0);
    assert_int_equal(check_manifest("FAILED", unlimited), 1);
}

static void test_results_resume_over_several_kills_ends_in_one_manifest(void **state)
{
    enum { ATTEMPTS = 5, EACH = 1000 };

    size_t size;
    json_t *records;

    (void)state;
    for (int attempt = 0; attempt <= ATTEMPTS; attempt++) {
        struct earlier_keys keys;

        earlier_keys_init(&keys);
        start_attempt(RESULTS_JSON);
        assert_int_equal(resume(&keys), attempt * EACH);
        for (int i = 0; attempt < ATTEMPTS && i < EACH; i++) {
            char key[32];

            snprintf(key, sizeof(key), "%d/%d", attempt, i);
            assert_false(name_set_has(keys.done, key));
            add_key(OUTCOME_SUCCEEDED, key);
        }
        if (attempt == ATTEMPTS)
            finish();
        end_attempt();
        earlier_keys_release(&keys);
    }
    records = read_file("SUCCEEDED_0.json", &size);
    assert_int_equal(json_array_size(records), ATTEMPTS * EACH);
    json_decref(records);
    assert_int_equal(check_manifest("SUCCEEDED", unlimited), ATTEMPTS * EACH);
    assert_int_equal(scratch_count("."), 1); /* the journal is gone */
}

/* Whatever a crash made of a journal, the result files stay JSON. */
static void test_results_resume_leaves_out_what_is_malformed(void **state)
{
    static const char hostile[] = "S\ta\t{}\n"
                                  "S\tb\t{\"InputS\tc\t{}\n"
                                  "S\td\t]\n"
                                  "hello\n"
                                  "\0\0\0\0\n"
                                  "S\te%00\t{}\n"
                                  "S\th\t{}\n"
                                  "S\ti\t{\"Inp";
    struct earlier_keys keys;
    size_t size;
    json_t *records;

    earlier_keys_init(&keys);
    (void)state;
    scratch_bytes(".avmap-journal-test-" RUN_ID, hostile, sizeof(hostile) - 1);
    start_attempt(RESULTS_JSON);
    assert_int_equal(resume(&keys), 2);
    assert_true(name_set_has(keys.done, "a"));
    assert_true(name_set_has(keys.done, "h"));
    add_key(OUTCOME_SUCCEEDED, "j");
    finish();
    records = read_file("SUCCEEDED_0.json", &size);
    assert_int_equal(json_array_size(records), 3);
    json_decref(records);
    end_attempt();
    earlier_keys_release(&keys);
}

static void test_results_finish_keeps_the_journal_until_the_manifest_is_there(void **state)
{
    struct earlier_keys keys;

    earlier_keys_init(&keys);
    (void)state;
    start_attempt(RESULTS_JSON);
    assert_int_equal(resume(&keys), 0);
    add_key(OUTCOME_SUCCEEDED, "a");
    scratch_folder(RUN_ID "/manifest.json/in the way");
    assert_false(results_finish(results, store, "{}", &err));
    end_attempt();
    assert_true(scratch_exists(".avmap-journal-test-" RUN_ID));
    start_attempt(RESULTS_JSON);
    assert_int_equal(resume(&keys), 1);
    end_attempt();
    earlier_keys_release(&keys);
}

/* The claim of generation 1; the folder is free again. */
static char *claim(const struct results_redrive *redrive)
{
    const struct results_settings settings = {
        .place = &place, .run = &run, .folder = "", .redrive = redrive
    };
    unsigned generation = 0;
    char *path = memory_format("%s/" RUN_ID "/Redrive-1/run.json", scratch_path());
    char *text;

    results = results_new(&settings);
    assert_true(results_claim(results, store, &generation, &err));
    assert_int_equal(generation, 1);
    results_free(results);
    text = scratch_read(RUN_ID "/Redrive-1/run.json");
    assert_int_equal(unlink(path), 0);
    free(path);
    return text;
}

/* Else an upload that is repeated could take another's claim for its own. */
static void test_results_claim_is_in_nobody_elses_words(void **state)
{
    json_t *succeeded = json_array();
    const struct results_redrive redrive = { .next = 1,
                                             .succeeded = succeeded,
                                             .map_run_arn = "arn" };
    char *texts[2];

    (void)state;
    assert_true(location_parse(scratch_path(), &place, &err));
    store = store_open(&place, NULL, NULL, false, &err);
    for (int i = 0; i < 2; i++)
        texts[i] = claim(&redrive);
    assert_string_not_equal(texts[0], texts[1]);
    for (int i = 0; i < 2; i++)
        free(texts[i]);
    store_close(store);
    location_release(&place);
    json_decref(succeeded);
}

static void note_crash(const char *key)
{
    char *line = journal_crash_line(key);

    assert_int_equal(write(journal_file(journal), line, strlen(line)), strlen(line));
    free(line);
}

static void test_results_resume_tells_what_was_at_work_in_crashes(void **state)
{
    struct earlier_keys keys;

    (void)state;
    earlier_keys_init(&keys);
    start_attempt(RESULTS_JSON);
    assert_int_equal(resume(&keys), 0);
    note_crash("100%\t\n");
    note_crash("b");
    add_key(OUTCOME_SUCCEEDED, "b");
    note_crash("100%\t\n");
    end_attempt();
    start_attempt(RESULTS_JSON);
    assert_int_equal(resume(&keys), 1);
    assert_true(name_set_has(keys.suspect, "b"));
    assert_true(name_set_has(keys.done, "b"));
    assert_false(name_set_has(keys.crashes, "b"));
    assert_true(name_set_has(keys.suspect, "100%\t\n"));
    assert_true(name_set_has(keys.crashes, "100%\t\n"));
    end_attempt();
    earlier_keys_release(&keys);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_make, scratch_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_results_finish_of_nothing_writes_no_files_but_the_manifest),
        TEST(test_results_finish_writes_records_as_arrays_and_their_exact_sizes),
        TEST(test_results_finish_sorts_records_by_outcome),
        TEST(test_results_add_begins_a_new_file_before_one_gets_too_large),
        TEST(test_results_finish_writes_a_record_a_line_when_asked),
        TEST(test_results_finish_writes_the_manifest_last),
        TEST(test_results_manifest_url_is_known_from_the_start),
        TEST(test_results_finish_writes_no_manifest_when_a_record_did_not_fit),
        TEST(test_results_add_may_come_from_many_threads),
        TEST(test_results_resume_takes_over_what_succeeded_and_only_that),
        TEST(test_results_resume_takes_a_key_over_once),
        TEST(test_results_resume_tells_what_was_at_work_in_crashes),
        TEST(test_results_take_over_leaves_out_what_was_made_again),
        TEST(test_results_resume_over_several_kills_ends_in_one_manifest),
        TEST(test_results_resume_leaves_out_what_is_malformed),
        TEST(test_results_finish_keeps_the_journal_until_the_manifest_is_there),
        TEST(test_results_claim_is_in_nobody_elses_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
