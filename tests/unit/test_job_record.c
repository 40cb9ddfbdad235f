/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <jansson.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "run/job_record.h"
#include "scratch.h"

#define RUN_ID "d0b38e10-30a5-4934-9ac6-a333df406947"

static const struct record_run run = { RUN_ID, "local" };
static struct location place;
static struct location source;
static struct job_books books;
static struct job job;
static struct error err;

static int set_up(void **state)
{
    const struct results_settings settings = { .place = &place,
                                               .run = &run,
                                               .folder = "",
                                               .format = RESULTS_JSON,
                                               .max_file_size = UINT64_MAX };

    log_set_level(LOG_ERROR);
    if (scratch_make(state) != 0 || !location_parse(scratch_path(), &place, &err) ||
        !location_parse("s3://in/media/", &source, &err))
        return -1;
    books = (struct job_books){ &source, results_new(&settings), progress_start(PROGRESS_HIDDEN) };
    job = (struct job){ .item.index = 3, .attempts = 1, .start_ms = 1000 };
    job.item.object.key = memory_copy_text("media/a\n%\xff.mp3");
    job.item.object.size = 100;
    return 0;
}

static int tear_down(void **state)
{
    item_release(&job.item);
    progress_stop(books.progress);
    progress_free(books.progress);
    results_free(books.results);
    location_release(&source);
    location_release(&place);
    return scratch_remove(state);
}

/* Ends the results; the one record of that kind. */
static json_t *only_record(const char *kind)
{
    struct store *store = store_open(&place, NULL, NULL, true, &err);
    char *key = memory_format(RUN_ID "/%s_0.json", kind);
    char *text;
    json_t *records;
    json_t *record;

    assert_non_null(store);
    assert_true(results_finish(books.results, store, "{}", &err));
    store_close(store);
    text = scratch_read(key);
    if (!text)
        fail_msg("no %s", key);
    records = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_int_equal(json_array_size(records), 1);
    record = json_incref(json_array_get(records, 0));
    json_decref(records);
    free(text);
    free(key);
    return record;
}

static void check_text(const json_t *record, const char *name, const char *expected)
{
    const char *text = json_string_value(json_object_get(record, name));

    if (!text || strcmp(text, expected) != 0)
        fail_msg("%s: %s", name, text ? text : "none");
}

static void test_job_record_success_counts_and_keeps_the_output(void **state)
{
    struct progress_counts counts;
    json_t *record;
    json_t *input;

    (void)state;
    assert_true(job_record_success(&books, &job, "{\"x\":1}", 700, 2000000, &err));
    counts = progress_read(books.progress);
    assert_int_equal(counts.by_outcome[OUTCOME_SUCCEEDED], 1);
    assert_int_equal(counts.bytes_in, 100);
    assert_int_equal(counts.bytes_out, 700);
    assert_int_equal(counts.media_us, 2000000);
    record = only_record("SUCCEEDED");
    check_text(record, "Status", "SUCCEEDED");
    check_text(record, "Output", "{\"x\":1}");
    check_text(record, "StartDate", "1970-01-01T00:00:01.000Z");
    input = json_loads(json_string_value(json_object_get(record, "Input")), 0, NULL);
    check_text(input, "Bucket", "in");
    check_text(input, "Key", "media/a\n%\xef\xbf\xbd.mp3");
    check_text(input, "KeyEncoded", "media/a%0A%25%FF.mp3");
    json_decref(input);
    json_decref(record);
}

static void test_job_record_kept_counts_as_succeeded_without_bytes(void **state)
{
    struct progress_counts counts;
    json_t *record;

    (void)state;
    assert_true(job_record_kept(&books, &job, false, "{}", &err));
    counts = progress_read(books.progress);
    assert_int_equal(counts.by_outcome[OUTCOME_SUCCEEDED], 1);
    assert_int_equal(counts.kept, 1);
    assert_int_equal(counts.bytes_in, 0);
    record = only_record("SUCCEEDED");
    check_text(record, "Output", "{}");
    json_decref(record);
}

static void test_job_record_failure_says_how_the_item_ended(void **state)
{
    static const struct {
        const char *status;
        enum error_kind kind;
        enum outcome outcome;
    } cases[] = {
        { "FAILED", ERROR_MEDIA, OUTCOME_FAILED },
        { "FAILED", ERROR_TRANSIENT, OUTCOME_FAILED },
        { "FAILED", ERROR_INTERNAL, OUTCOME_FAILED },
        { "ABORTED", ERROR_CANCELLED, OUTCOME_ABORTED },
        { "TIMED_OUT", ERROR_TIMEOUT, OUTCOME_TIMED_OUT },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct error failure;
        json_t *record;

        tear_down(state);
        assert_int_equal(set_up(state), 0);
        log_set_level((enum log_level) - 1); /* nothing */
        error_set(&failure, cases[i].kind, "A.Word", "why\n\xff");
        assert_true(job_record_failure(&books, &job, &failure, &err));
        assert_int_equal(progress_read(books.progress).by_outcome[cases[i].outcome], 1);
        record = only_record("FAILED");
        check_text(record, "Status", cases[i].status);
        check_text(record, "Error", "A.Word");
        check_text(record, "Cause", "why\n\xef\xbf\xbd");
        json_decref(record);
    }
}

static void test_job_record_pending_has_an_input_and_no_dates(void **state)
{
    json_t *record;

    (void)state;
    job.start_ms = 0;
    assert_true(job_record_pending(&books, &job, &err));
    assert_int_equal(progress_read(books.progress).by_outcome[OUTCOME_PENDING], 1);
    record = only_record("PENDING");
    check_text(record, "Status", "PENDING");
    assert_non_null(json_object_get(record, "Input"));
    assert_null(json_object_get(record, "StartDate"));
    json_decref(record);
}

/* An item that failed before its first attempt began and ended now. */
static void test_job_record_failure_before_an_attempt_has_dates_too(void **state)
{
    char before[CLOCK_ISO_SIZE];
    struct error failure;
    const char *begun;
    json_t *record;

    (void)state;
    log_set_level((enum log_level) - 1);
    clock_format_iso(clock_wall_ms(), before);
    job.start_ms = 0;
    error_set(&failure, ERROR_OBJECT, "Avmap.BadFileName", "no name");
    assert_true(job_record_failure(&books, &job, &failure, &err));
    record = only_record("FAILED");
    begun = json_string_value(json_object_get(record, "StartDate"));
    assert_non_null(begun);
    assert_true(strcmp(begun, before) >= 0);
    check_text(record, "StopDate", begun);
    json_decref(record);
}

static void test_job_record_ends_no_item_before_it_began(void **state)
{
    int64_t later_ms = clock_wall_ms() + INT64_C(3600000);
    char begun[CLOCK_ISO_SIZE];
    json_t *record;

    (void)state;
    job.start_ms = later_ms; /* the clock was set back */
    assert_true(job_record_success(&books, &job, "{}", 1, 1, &err));
    record = only_record("SUCCEEDED");
    clock_format_iso(later_ms, begun);
    check_text(record, "StartDate", begun);
    check_text(record, "StopDate", begun);
    json_decref(record);
}

static void test_job_record_keeps_the_identity_in_the_journal(void **state)
{
    char id[UUID_SIZE] = RUN_ID;
    struct journal *journal = journal_open(scratch_path(), "test", id, &err);
    const struct results_settings settings = { .place = &place,
                                               .run = &run,
                                               .journal = journal,
                                               .folder = "",
                                               .format = RESULTS_JSON,
                                               .max_file_size = UINT64_MAX };
    char *identity;
    enum outcome outcome;
    const char *record;
    const char *key;

    (void)state;
    assert_non_null(journal);
    assert_false(journal_next(journal, &outcome, &key, &record));
    results_free(books.results);
    books.results = results_new(&settings);
    job.item.object.bucket = memory_copy_text("other");
    job.item.object.version_id = memory_copy_text("v1");
    identity = item_identity(&job.item);
    assert_true(job_record_success(&books, &job, "{}", 1, 1, &err));
    journal_close(journal);
    journal = journal_open(scratch_path(), "test", id, &err);
    assert_non_null(journal);
    assert_true(journal_next(journal, &outcome, &key, &record));
    assert_int_equal(outcome, OUTCOME_SUCCEEDED);
    assert_string_equal(key, identity);
    journal_close(journal);
    free(identity);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_job_record_success_counts_and_keeps_the_output),
        TEST(test_job_record_kept_counts_as_succeeded_without_bytes),
        TEST(test_job_record_failure_says_how_the_item_ended),
        TEST(test_job_record_pending_has_an_input_and_no_dates),
        TEST(test_job_record_failure_before_an_attempt_has_dates_too),
        TEST(test_job_record_ends_no_item_before_it_began),
        TEST(test_job_record_keeps_the_identity_in_the_journal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
