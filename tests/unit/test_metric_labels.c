/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "run/metric_labels.h"

static void test_metric_labels_parse_takes_names_and_values_in_order(void **state)
{
    struct metric_labels labels;
    struct error err;

    (void)state;
    assert_true(metric_labels_parse("env=prod,Team_1=a b=c", &labels, &err));
    assert_int_equal(labels.count, 2);
    assert_string_equal(labels.of[0].name, "env");
    assert_string_equal(labels.of[0].value, "prod");
    assert_string_equal(labels.of[1].name, "Team_1");
    assert_string_equal(labels.of[1].value, "a b=c");
    metric_labels_release(&labels);
    assert_true(metric_labels_parse(NULL, &labels, &err));
    assert_int_equal(labels.count, 0);
}

static void test_metric_labels_parse_refuses_what_either_system_would(void **state)
{
    static const char *const wrong[] = {
        "env",           "=prod",     "env=",      "env= ",         "1a=b",     "_a=b",
        "a-b=c",         "a=b,a=c",   "a=\x1b[0m", "a=caf\xc3\xa9", "status=x", "shard=1",
        "BytesIn=large", "version=1", ",a=b",      "a=b,,c=d",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct metric_labels labels;
        struct error err = { 0 };

        if (metric_labels_parse(wrong[i], &labels, &err))
            fail_msg("taken: %s", wrong[i]);
        assert_int_equal(err.kind, ERROR_USAGE);
        metric_labels_release(&labels);
    }
}

static void test_metric_labels_parse_knows_cloudwatch_s_limits(void **state)
{
    struct metric_labels labels;
    struct buffer text;
    struct error err;
    char *value = memory_new(1026, 1);

    (void)state;
    memset(value, 'v', 1025);
    buffer_init(&text, SIZE_MAX);
    buffer_append_format(&text, "name=%s", value);
    assert_false(metric_labels_parse(text.bytes, &labels, &err));
    metric_labels_release(&labels);
    text.bytes[text.size - 1] = '\0';
    assert_true(metric_labels_parse(text.bytes, &labels, &err));
    metric_labels_release(&labels);
    buffer_clear(&text);
    for (int i = 0; i < METRIC_LABELS_MAX; i++)
        buffer_append_format(&text, "%sname%d=v", i ? "," : "", i);
    assert_true(metric_labels_parse(text.bytes, &labels, &err));
    assert_int_equal(labels.count, METRIC_LABELS_MAX);
    metric_labels_release(&labels);
    buffer_append_text(&text, ",more=v");
    assert_false(metric_labels_parse(text.bytes, &labels, &err));
    metric_labels_release(&labels);
    buffer_release(&text);
    free(value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_metric_labels_parse_takes_names_and_values_in_order),
        cmocka_unit_test(test_metric_labels_parse_refuses_what_either_system_would),
        cmocka_unit_test(test_metric_labels_parse_knows_cloudwatch_s_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
