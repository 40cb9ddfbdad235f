/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "run/figures.h"
#include "scratch.h"

#define RUN_ID "0d9a7f7e-90c4-4f0c-8a51-2f6f3a1c9b10"

static struct s3_settings s3;
static struct cancel cancel;
static struct figures figures;
static struct error err;

static int set_up(void **state)
{
    return cancel_init(&cancel) ? scratch_make(state) : -1;
}

static int tear_down(void **state)
{
    figures_release(&figures);
    cancel_release(&cancel);
    return scratch_remove(state);
}

/* Reads a run whose FAILED file has this text. */
static void read_failed(const char *text)
{
    char *manifest = memory_format("{\"DestinationBucket\":\"/x\",\"ResultFiles\":{\"FAILED\":[{"
                                   "\"Key\":\"" RUN_ID "/FAILED_0.json\",\"Size\":%zu}],"
                                   "\"PENDING\":[],\"SUCCEEDED\":[]}}",
                                   strlen(text));
    char *url = memory_format("%s/" RUN_ID "/manifest.json", scratch_path());

    scratch_file(RUN_ID "/FAILED_0.json", text);
    scratch_file(RUN_ID "/manifest.json", manifest);
    if (!figures_read(url, &s3, &cancel, &figures, &err))
        fail_msg("%s", err.text);
    free(url);
    free(manifest);
}

static void append_failure(struct buffer *text, const char *word, unsigned size)
{
    buffer_append_format(text,
                         "%s{\"Status\":\"FAILED\",\"Error\":\"%s\",\"Cause\":\"c%u\",\"Input\":"
                         "\"{\\\"Key\\\":\\\"k%u\\\",\\\"Size\\\":%u}\"}",
                         text->size ? "," : "[", word, size, size, size);
}

static void test_figures_read_keeps_the_most_frequent_words_and_the_largest_items(void **state)
{
    struct buffer text;

    (void)state;
    buffer_init(&text, SIZE_MAX);
    for (unsigned i = 1; i <= 20; i++)
        append_failure(&text, i == 7 ? "Rare" : "Often", i * 13 % 21);
    buffer_append_text(&text, "]");
    read_failed(text.bytes);
    buffer_release(&text);
    assert_int_equal(figures.failed, 20);
    assert_int_equal(figures.word_count, 2);
    assert_string_equal(figures.words[0].word, "Often");
    assert_int_equal(figures.words[0].count, 19);
    assert_int_equal(figures.words[0].example_count, FIGURES_EXAMPLES);
    assert_int_equal(figures.largest.count, FIGURES_TOP);
    for (unsigned i = 0; i < FIGURES_TOP; i++)
        assert_int_equal((int)figures.largest.items[i].value, 20 - (int)i);
    assert_string_equal(figures.largest.items[0].key, "k20");
}

static void test_figures_read_counts_words_for_which_there_is_no_room(void **state)
{
    struct buffer text;

    (void)state;
    buffer_init(&text, SIZE_MAX);
    for (unsigned i = 0; i < FIGURES_WORDS + 5; i++) {
        char word[16];

        snprintf(word, sizeof(word), "W%u", i);
        append_failure(&text, word, i + 1);
    }
    buffer_append_text(&text, "]");
    read_failed(text.bytes);
    buffer_release(&text);
    assert_int_equal(figures.word_count, FIGURES_WORDS);
    assert_int_equal(figures.other_failures, 5);
}

static void test_figures_show_hostile_names_harmlessly(void **state)
{
    char *text;

    (void)state;
    read_failed(
        "[{\"Status\":\"FAILED\",\"Error\":\"<i>\\u001b[2J\",\"Cause\":\"\\u001b]0;x\\u0007&\","
        "\"Input\":\"{\\\"Key\\\":\\\"<script>\\\\u001b[31m\\\\n\\\",\\\"Size\\\":1}\"}]");
    text = figures_text(&figures);
    assert_non_null(strstr(text, "<script>"));
    assert_null(strchr(text, '\x1b'));
    assert_null(strchr(text, '\x07'));
    free(text);
    text = figures_html(&figures);
    assert_null(strstr(text, "<script"));
    assert_null(strstr(text, "<i>"));
    assert_non_null(strstr(text, "&lt;script&gt;"));
    assert_null(strchr(text, '\x1b'));
    free(text);
    text = figures_json(&figures);
    assert_null(strchr(text, '\x1b'));
    free(text);
}

static void test_figures_of_a_run_without_items_are_all_zero(void **state)
{
    char *text;

    (void)state;
    read_failed("[]");
    assert_int_equal(figures_ended(&figures), 0);
    text = figures_text(&figures);
    assert_non_null(strstr(text, "in all"));
    free(text);
    text = figures_html(&figures);
    assert_non_null(strstr(text, "</html>"));
    free(text);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_figures_read_keeps_the_most_frequent_words_and_the_largest_items),
        TEST(test_figures_read_counts_words_for_which_there_is_no_room),
        TEST(test_figures_show_hostile_names_harmlessly),
        TEST(test_figures_of_a_run_without_items_are_all_zero),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
