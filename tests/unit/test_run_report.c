/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <jansson.h>

#include "run/run_report.h"

static struct run_settings settings = { .failure_budget = FAILURE_BUDGET_NONE };
static const struct naming naming = { "{path}", ".wav", false };
static const struct recipe_words no_words;

static struct run_report report_of(enum run_end end)
{
    return (struct run_report){
        .settings = &settings,
        .run_id = "d0b38e10-30a5-4934-9ac6-a333df406947",
        .source = "s3://in/",
        .destination = "s3://out/",
        .naming = &naming,
        .recipe = &no_words,
        .cpus = 2,
        .memory = UINT64_C(6) << 30,
        .end = end,
        .start_ms = INT64_C(1790204341592),
        .stop_ms = INT64_C(1790204345760),
        .counts = { .peak_in_flight = 16 },
    };
}

static json_t *read_report(const struct run_report *report)
{
    char *text = run_report_json(report);
    json_t *value = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

    assert_non_null(value);
    free(text);
    return value;
}

static json_int_t count(const json_t *value, const char *group, const char *name)
{
    const json_t *number = json_object_get(json_object_get(value, group), name);

    if (!json_is_integer(number))
        fail_msg("no %s.%s", group, name);
    return json_integer_value(number);
}

static const char *text_of(const json_t *value, const char *name)
{
    return json_string_value(json_object_get(value, name));
}

static void test_run_report_json_counts_as_describe_map_run_does(void **state)
{
    struct run_report report = report_of(RUN_FINISHED);
    json_t *value;

    (void)state;
    report.counts = (struct progress_counts){
        .total = 21,
        .by_outcome = { [OUTCOME_SUCCEEDED] = 10,
                        [OUTCOME_FAILED] = 4,
                        [OUTCOME_TIMED_OUT] = 3,
                        [OUTCOME_ABORTED] = 2,
                        [OUTCOME_PENDING] = 1 },
        .folder_markers = 5,
        .empty_objects = 6,
        .not_wanted = 7,
        .bytes_in = UINT64_C(5) << 40,
        .bytes_out = 9,
        .media_us = 8500000,
        .listing_complete = true,
        .seconds = 4,
    };
    value = read_report(&report);
    assert_int_equal(count(value, "itemCounts", "succeeded"), 10);
    assert_int_equal(count(value, "itemCounts", "failed"), 4);
    assert_int_equal(count(value, "itemCounts", "timedOut"), 3);
    assert_int_equal(count(value, "itemCounts", "aborted"), 2);
    assert_int_equal(count(value, "itemCounts", "pending"), 1);
    assert_int_equal(count(value, "itemCounts", "running"), 0);
    assert_int_equal(count(value, "itemCounts", "total"), 21);
    assert_int_equal(count(value, "skipped", "folderMarkers"), 5);
    assert_int_equal(count(value, "skipped", "emptyObjects"), 6);
    assert_int_equal(count(value, "skipped", "notSelected"), 7);
    assert_int_equal(count(value, "skipped", "total"), 11);
    assert_true(count(value, "throughput", "bytesIn") == INT64_C(5) << 40);
    assert_int_equal(count(value, "throughput", "bytesOut"), 9);
    {
        json_t *throughput = json_object_get(value, "throughput");

        assert_true(json_real_value(json_object_get(throughput, "mediaSeconds")) == 8.5);
        assert_true(json_real_value(json_object_get(throughput, "timesRealTime")) == 2.125);
        assert_true(json_real_value(json_object_get(throughput, "objectsPerSecond")) == 5);
    }
    assert_true(json_is_true(json_object_get(value, "listingComplete")));
    json_decref(value);
}

static void test_run_report_json_has_the_words_of_describe_map_run(void **state)
{
    static const struct {
        enum run_end end;
        enum outcome outcome;
        bool tolerant;
        const char *status;
    } cases[] = {
        { RUN_FINISHED, OUTCOME_SUCCEEDED, false, "SUCCEEDED" },
        { RUN_FINISHED, OUTCOME_FAILED, false, "FAILED" },
        { RUN_FINISHED, OUTCOME_TIMED_OUT, false, "FAILED" },
        { RUN_FINISHED, OUTCOME_FAILED, true, "SUCCEEDED" },
        { RUN_TOLERANCE_EXCEEDED, OUTCOME_FAILED, true, "FAILED" },
        { RUN_INTERRUPTED, OUTCOME_SUCCEEDED, false, "ABORTED" },
        { RUN_CANNOT_WORK, OUTCOME_FAILED, false, "ABORTED" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct run_report report = report_of(cases[i].end);
        json_t *value;

        report.counts.by_outcome[cases[i].outcome] = 1;
        settings.failure_budget = (struct failure_budget)FAILURE_BUDGET_NONE;
        if (cases[i].tolerant)
            settings.failure_budget.count = 5;
        value = read_report(&report);
        if (strcmp(text_of(value, "status"), cases[i].status) != 0)
            fail_msg("case %zu: %s", i, text_of(value, "status"));
        json_decref(value);
    }
}

static void test_run_report_json_says_what_was_asked(void **state)
{
    char bad[] = "title=\xff";
    char option[] = "-metadata";
    char *recipe[] = { option, bad };
    struct run_report report = report_of(RUN_CANNOT_WORK);
    struct error err;
    json_t *value;

    (void)state;
    error_set(&err, ERROR_LOCAL, "Avmap.DiskFull", "write: \"x\"");
    settings.command = "avmap run 's3://in/' s3://out/";
    report.recipe = &(struct recipe_words){
        .input = recipe, .input_count = 1, .output = recipe, .output_count = 2
    };
    report.error = &err;
    report.name = "a job";
    report.compute = "intel";
    setenv("AWS_BATCH_JOB_ID", "a-b-c:7", 1);
    value = read_report(&report);
    unsetenv("AWS_BATCH_JOB_ID");
    assert_string_equal(text_of(value, "command"), settings.command);
    assert_string_equal(text_of(value, "runId"), report.run_id);
    assert_string_equal(text_of(value, "name"), "a job");
    assert_string_equal(text_of(value, "compute"), "intel");
    assert_string_equal(text_of(value, "source"), "s3://in/");
    assert_string_equal(text_of(value, "destination"), "s3://out/");
    assert_string_equal(text_of(value, "startDate"), "2026-09-23T22:59:01.592Z");
    assert_string_equal(text_of(value, "stopDate"), "2026-09-23T22:59:05.760Z");
    assert_string_equal(text_of(json_object_get(value, "naming"), "template"), "{path}");
    assert_string_equal(text_of(json_object_get(value, "naming"), "suffix"), ".wav");
    assert_string_equal(text_of(json_object_get(value, "error"), "Error"), "Avmap.DiskFull");
    assert_string_equal(text_of(json_object_get(value, "error"), "Cause"), "write: \"x\"");
    assert_string_equal(text_of(json_object_get(value, "environment"), "AWS_BATCH_JOB_ID"),
                        "a-b-c:7");
    assert_int_equal(json_array_size(json_object_get(value, "inputOptions")), 1);
    assert_null(json_object_get(value, "globalOptions"));
    assert_string_equal(json_string_value(json_array_get(json_object_get(value, "recipe"), 1)),
                        "title=\xef\xbf\xbd");
    assert_int_equal(count(value, "machine", "jobs"), 16);
    assert_int_equal(count(value, "machine", "cpus"), 2);
    assert_true(count(value, "machine", "memory") == INT64_C(6) << 30);
    assert_non_null(text_of(json_object_get(value, "machine"), "host"));
    json_decref(value);
}

static void test_run_report_json_leaves_out_what_there_is_not(void **state)
{
    static const char *const names[] = { "name", "compute", "error", "command" };
    struct run_report report = report_of(RUN_FINISHED);
    json_t *value;

    (void)state;
    settings.command = NULL;
    value = read_report(&report);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (json_object_get(value, names[i]))
            fail_msg("%s", names[i]);
    }
    assert_int_equal(json_array_size(json_object_get(value, "recipe")), 0);
    json_decref(value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_run_report_json_counts_as_describe_map_run_does),
        cmocka_unit_test(test_run_report_json_has_the_words_of_describe_map_run),
        cmocka_unit_test(test_run_report_json_says_what_was_asked),
        cmocka_unit_test(test_run_report_json_leaves_out_what_there_is_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
