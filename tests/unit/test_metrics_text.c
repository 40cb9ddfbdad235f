/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "run/metrics_text.h"

static struct metric_labels labels;

static struct metrics_text surroundings(void)
{
    return (struct metrics_text){
        .labels = &labels,
        .namespace = "avmap",
        .run_id = "00000000-0000-4000-8000-000000000000",
        .start_ms = 1500,
        .now_ms = 2500,
    };
}

/* Items, bytes and so on, all different. */
static struct metric_values values(uint64_t times)
{
    struct progress_counts counts = {
        .total = 100 * times,
        .by_outcome = { 40 * times, 5 * times, 3 * times, 2 * times, times },
        .kept = 10 * times,
        .folder_markers = 6,
        .bytes_in = UINT64_C(1) << 40,
        .bytes_out = 7,
        .media_us = 1500000 * times,
        .in_flight = 8,
        .repeated = 9 * times,
        .stages = { 1000, 2000, 3500 * (int64_t)times, 4000 },
        .seconds = 0.5,
    };
    struct s3_traffic traffic = { 50 * times, 11, 12 };

    return metric_table_values(&counts, &traffic);
}

static void assert_has_line(const char *text, const char *line)
{
    const char *at = strstr(text, line);

    if (!at || (at > text && at[-1] != '\n') || at[strlen(line)] != '\n')
        fail_msg("\"%s\" is no line of:\n%s", line, text);
}

static void test_metrics_text_prometheus_has_what_the_counts_have(void **state)
{
    struct metrics_text text = surroundings();
    struct metric_values now = values(1);
    char *file = metrics_text_prometheus(&text, &now);

    (void)state;
    assert_has_line(file, "# TYPE avmap_items_total counter");
    assert_has_line(file, "avmap_items_total{status=\"succeeded\"} 30");
    assert_has_line(file, "avmap_items_total{status=\"skipped\"} 16");
    assert_has_line(file, "avmap_items_total{status=\"failed\"} 5");
    assert_has_line(file, "avmap_items_total{status=\"timed_out\"} 3");
    assert_has_line(file, "avmap_items_total{status=\"aborted\"} 2");
    assert_has_line(file, "avmap_items_total{status=\"pending\"} 1");
    assert_has_line(file, "avmap_items_in_flight 8");
    assert_has_line(file, "# TYPE avmap_items_in_flight gauge");
    assert_has_line(file, "avmap_input_bytes_total 1099511627776");
    assert_has_line(file, "avmap_stage_seconds_total{stage=\"transcoding\"} 3.5");
    assert_has_line(file, "avmap_s3_requests_total 50");
    assert_has_line(file, "avmap_s3_throttled_total 12");
    assert_has_line(file, "avmap_run_start_time_seconds 1.5");
    assert_has_line(file, "avmap_run_finished 0");
    free(file);
}

static void test_metrics_text_prometheus_escapes_labels(void **state)
{
    struct metrics_text text = surroundings();
    struct metric_values now = values(1);
    struct error err;
    char *file;

    (void)state;
    assert_true(metric_labels_parse("env=a\"b\\c", &labels, &err));
    text.shard = (struct shard){ .index = 3, .count = 4 };
    file = metrics_text_prometheus(&text, &now);
    assert_has_line(file, "avmap_items_in_flight{shard=\"3\",env=\"a\\\"b\\\\c\"} 8");
    assert_has_line(file, "avmap_items_total{status=\"failed\",shard=\"3\",env=\"a\\\"b\\\\c\"} 5");
    free(file);
    metric_labels_release(&labels);
}

static double member(const json_t *event, const char *name)
{
    const json_t *value = json_object_get(event, name);

    if (!json_is_number(value))
        fail_msg("%s is no number", name);
    return json_number_value(value);
}

static void test_metrics_text_emf_tells_what_was_added_and_levels_as_they_are(void **state)
{
    struct metrics_text text = surroundings();
    struct metric_values before = values(1);
    struct metric_values now = values(3);
    char *line = metrics_text_emf(&text, &now, &before);
    json_t *event = json_loads(line, 0, NULL);

    (void)state;
    assert_non_null(event);
    assert_null(strchr(line, '\n'));
    assert_true(member(event, "ItemsFailed") == 10);
    assert_true(member(event, "ItemsSucceeded") == 60);
    assert_true(member(event, "TranscodingSeconds") == 7);
    assert_true(member(event, "MediaSeconds") == 3);
    assert_true(member(event, "S3Requests") == 100);
    assert_true(member(event, "BytesIn") == 0);
    assert_true(member(event, "ItemsInFlight") == 8);
    json_decref(event);
    free(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_metrics_text_prometheus_has_what_the_counts_have),
        cmocka_unit_test(test_metrics_text_prometheus_escapes_labels),
        cmocka_unit_test(test_metrics_text_emf_tells_what_was_added_and_levels_as_they_are),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
