/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/memory.h"
#include "results/completion.h"

static struct error err;

/* A record with these parts; NULL ones are left out. */
static char *record(const char *status, const char *input, const char *output, const char *word,
                    const char *cause)
{
    const char *const parts[][2] = {
        { "Status", status }, { "Input", input }, { "Output", output },
        { "Error", word },    { "Cause", cause },
    };
    json_t *value = json_object();
    char *text;

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (parts[i][1])
            json_object_set_new(value, parts[i][0], json_text(parts[i][1]));
    }
    text = json_compact(value);
    json_decref(value);
    return text;
}

static void check_rows(const struct spool *rows, const char *expected)
{
    char *text = memory_copy_bytes(spool_bytes(rows), (size_t)rows->size);

    assert_string_equal(text, expected);
    free(text);
}

static void check(const char *text, int http_status, const char *report, const char *made)
{
    struct completion *completion = completion_new();

    assert_true(completion_add(completion, text, http_status, &err));
    check_rows(completion_report(completion), report);
    check_rows(completion_made(completion), made);
    completion_free(completion);
}

static void test_completion_add_makes_rows_of_records(void **state)
{
    static const struct {
        const char *status;
        const char *input;
        const char *output;
        const char *word;
        const char *cause;
        const char *report;
        const char *made;
    } cases[] = {
        { "SUCCEEDED", "{\"Bucket\":\"in\",\"Key\":\"a b\",\"VersionId\":\"v1\"}",
          "{\"files\":[{\"url\":\"s3://out/x y\"},{\"url\":\"s3://out/x+2\"}]}", NULL, NULL,
          "in,a%20b,v1,succeeded,,200,Successful\n", "out,x%20y\nout,x%2B2\n" },
        { "SUCCEEDED", "{\"Key\":\"a/b\"}", "{\"output\":\"s3://out/x\",\"skipped\":true}", NULL,
          NULL, ",a/b,,succeeded,,200,Successful\n", "" },
        { "SUCCEEDED", "{\"Key\":\"a\"}", "{\"files\":[{\"url\":\"/out/x\"},7,{\"url\":7}]}", NULL,
          NULL, ",a,,succeeded,,200,Successful\n", "" },
        { "FAILED", "{\"Bucket\":\"in\",\"Key\":\"?\",\"KeyEncoded\":\"%FF\"}", NULL,
          "Media.InvalidData", "said \"no\",\nC:\\x\x01",
          "in,%FF,,failed,Media.InvalidData,,"
          "\"said 'no', C:\\\\x \"\n",
          "" },
        { "TIMED_OUT", "{\"Bucket\":\"in\",\"Key\":\"a\"}", NULL, "Avmap.Timeout", "slow",
          "in,a,,failed,Avmap.Timeout,,\"slow\"\n", "" },
        { "PENDING", "{\"Bucket\":\"in\",\"Key\":\"a\"}", NULL, NULL, NULL,
          "in,a,,failed,Avmap.Pending,,\"it was not begun\"\n", "" },
        { "FAILED", "{\"Bucket\":\"a,\\\"\\nb\",\"Key\":\"a,b\"}", NULL, "E", "c",
          "\"a,' b\",a%2Cb,,failed,E,,\"c\"\n", "" },
        { "FAILED", "no JSON", NULL, NULL, NULL, ",,,failed,,,\"\"\n", "" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *text =
            record(cases[i].status, cases[i].input, cases[i].output, cases[i].word, cases[i].cause);

        check(text, 0, cases[i].report, cases[i].made);
        free(text);
    }
}

static void test_completion_add_says_with_what_status_an_item_was_refused(void **state)
{
    char *failed =
        record("FAILED", "{\"Bucket\":\"in\",\"Key\":\"a\"}", NULL, "S3.NoSuchKey", "gone");

    (void)state;
    check(failed, 404, "in,a,,failed,S3.NoSuchKey,404,\"gone\"\n", "");
    free(failed);
}

static void test_completion_new_has_no_rows(void **state)
{
    struct completion *completion = completion_new();

    (void)state;
    assert_int_equal(completion_report(completion)->size, 0);
    assert_int_equal(completion_made(completion)->size, 0);
    completion_free(completion);
    completion_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_completion_add_makes_rows_of_records),
        cmocka_unit_test(test_completion_add_says_with_what_status_an_item_was_refused),
        cmocka_unit_test(test_completion_new_has_no_rows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
