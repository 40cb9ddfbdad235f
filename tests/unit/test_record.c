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

#include "base/uuid.h"
#include "results/record.h"

static const struct record_run run = {
    .id = "d0b38e10-30a5-4934-9ac6-a333df406947",
    .region = "us-west-2",
};

#define ARN(kind) "arn:aws:states:us-west-2:000000000000:" kind ":avmap/S3objectkeys"
#define INPUT "{\"Key\":\"in/a b.mp3\",\"Size\":34910}"
#define INPUT_QUOTED "{\\\"Key\\\":\\\"in/a b.mp3\\\",\\\"Size\\\":34910}"

static struct record record_of(enum outcome outcome, const struct error *err)
{
    return (struct record){
        .outcome = outcome,
        .index = 7,
        .key = "in/a b.mp3",
        .input = INPUT,
        .output = outcome == OUTCOME_SUCCEEDED ? "{\"output\":\"s3://out/x.wav\"}" : NULL,
        .error = err,
        .start_ms = INT64_C(1790204341592),
        .stop_ms = INT64_C(1790204345760),
    };
}

/* Puts the name where expected has %: it is checked on its own. */
static void check(const struct record *record, const char *expected)
{
    char *json = record_json(record, &run);
    json_t *value = json_loads(json, 0, NULL);
    const char *name = json_string_value(json_object_get(value, "Name"));
    const char *at = json;

    assert_non_null(value);
    for (; *expected; expected++) {
        size_t length = *expected == '%' ? strlen(name) : 1;

        if (strncmp(at, *expected == '%' ? name : expected, length) != 0)
            fail_msg("%s\nexpected: %s", at, expected);
        at += length;
    }
    assert_string_equal(at, "");
    json_decref(value);
    free(json);
}

static void test_record_json_is_a_succeeded_execution(void **state)
{
    struct record record = record_of(OUTCOME_SUCCEEDED, NULL);

    (void)state;
    check(&record,
          "{\"ExecutionArn\":\"" ARN(
              "execution") ":%\","
                           "\"Input\":\"" INPUT_QUOTED "\",\"InputDetails\":{\"Included\":true},"
                           "\"Name\":\"%\",\"Output\":\"{\\\"output\\\":\\\"s3://out/x.wav\\\"}\","
                           "\"OutputDetails\":{\"Included\":true},\"RedriveCount\":0,"
                           "\"RedriveStatus\":\"NOT_REDRIVABLE\",\"RedriveStatusReason\":"
                           "\"Execution is SUCCEEDED and cannot be redriven\","
                           "\"StartDate\":\"2026-09-23T22:59:01.592Z\","
                           "\"StateMachineArn\":\"" ARN(
                               "stateMachine") "\","
                                               "\"Status\":\"SUCCEEDED\",\"StopDate\":\"2026-09-"
                                               "23T22:59:05.760Z\"}");
}

static void test_record_json_is_a_failed_execution(void **state)
{
    static const struct {
        enum outcome outcome;
        const char *ending;
    } cases[] = {
        { OUTCOME_FAILED, "\"Status\":\"FAILED\"" },
        { OUTCOME_TIMED_OUT, "\"Status\":\"TIMED_OUT\"" },
        { OUTCOME_ABORTED, "\"Status\":\"ABORTED\"" },
    };
    struct error err;

    (void)state;
    error_set(&err, ERROR_MEDIA, "Media.InvalidData", "moov atom not found");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct record record = record_of(cases[i].outcome, &err);
        char expected[2000];

        snprintf(
            expected, sizeof(expected),
            "{\"Cause\":\"moov atom not found\",\"Error\":\"Media.InvalidData\","
            "\"ExecutionArn\":\"" ARN(
                "execution") ":%%\","
                             "\"Input\":\"" INPUT_QUOTED "\",\"InputDetails\":{\"Included\":true},"
                             "\"Name\":\"%%\",\"OutputDetails\":{\"Included\":true},"
                             "\"RedriveCount\":0,"
                             "\"RedriveStatus\":\"REDRIVABLE_BY_MAP_RUN\","
                             "\"StartDate\":\"2026-09-23T22:59:01.592Z\","
                             "\"StateMachineArn\":\"" ARN(
                                 "stateMachine") "\","
                                                 "%s,\"StopDate\":\"2026-09-23T22:59:05.760Z\"}",
            cases[i].ending);
        check(&record, expected);
    }
}

static void test_record_json_of_a_pending_item_has_three_fields(void **state)
{
    struct record record = record_of(OUTCOME_PENDING, NULL);

    (void)state;
    check(&record, "{\"Input\":\"" INPUT_QUOTED "\",\"InputDetails\":{\"Included\":true},"
                   "\"Status\":\"PENDING\"}");
}

static void test_record_json_takes_any_bytes_of_an_error(void **state)
{
    struct record record;
    struct error err;
    char *json;

    (void)state;
    error_set(&err, ERROR_MEDIA, "Media.InvalidData", "a\xff\"\n\x1b[0m\xf0\x9f\x8e\xb5");
    record = record_of(OUTCOME_FAILED, &err);
    json = record_json(&record, &run);
    assert_non_null(strstr(json, "{\"Cause\":\"a\xef\xbf\xbd\\\"\\n\\u001B[0m\xf0\x9f\x8e\xb5\","));
    free(json);
}

static void name_of(uint64_t index, const char *key, const char *run_id, char name[UUID_SIZE])
{
    struct record record = record_of(OUTCOME_SUCCEEDED, NULL);
    const struct record_run other = { .id = run_id, .region = "local" };
    char *json;
    json_t *value;

    record.index = index;
    record.key = key;
    json = record_json(&record, &other);
    value = json_loads(json, 0, NULL);
    snprintf(name, UUID_SIZE, "%s", json_string_value(json_object_get(value, "Name")));
    json_decref(value);
    free(json);
}

static void test_record_json_names_each_item_of_each_run(void **state)
{
    char first[UUID_SIZE];
    char again[UUID_SIZE];
    char others[4][UUID_SIZE];

    (void)state;
    name_of(1, "a", run.id, first);
    name_of(1, "a", run.id, again);
    name_of(2, "a", run.id, others[0]);
    name_of(1, "b", run.id, others[1]);
    name_of(1, "a", "00000000-0000-4000-8000-000000000000", others[2]);
    name_of(11, "\na", run.id, others[3]);
    assert_string_equal(first, again);
    assert_true(uuid_is_valid(first));
    assert_int_equal(first[14], '3');
    for (int i = 0; i < 4; i++)
        assert_string_not_equal(first, others[i]);
}

static void test_record_map_run_arn_ends_in_the_run(void **state)
{
    char *arn = record_map_run_arn(&run);

    (void)state;
    assert_string_equal(arn, ARN("mapRun") ":d0b38e10-30a5-4934-9ac6-a333df406947");
    free(arn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_record_json_is_a_succeeded_execution),
        cmocka_unit_test(test_record_json_is_a_failed_execution),
        cmocka_unit_test(test_record_json_of_a_pending_item_has_three_fields),
        cmocka_unit_test(test_record_json_takes_any_bytes_of_an_error),
        cmocka_unit_test(test_record_json_names_each_item_of_each_run),
        cmocka_unit_test(test_record_map_run_arn_ends_in_the_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
