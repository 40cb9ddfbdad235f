/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "media_fixture.h"

/* In media_input: two lines, at 0.2 to 1 s and at 1.2 to 1.9 s. */
static int set_up(void **state)
{
    static const char text[] = "1\n00:00:00,200 --> 00:00:01,000\nFirst <i>line</i>\n\n"
                               "2\n00:00:01,200 --> 00:00:01,900\nSecond\n\n";

    media_set_up(state);
    media_make_bytes(text, sizeof(text) - 1);
    return 0;
}

static void assert_result(const char *expected)
{
    assert_int_equal(media_output.size, strlen(expected));
    assert_memory_equal(spool_bytes(&media_output), expected, strlen(expected));
}

static void test_subtitle_goes_from_text_to_text(void **state)
{
    (void)state;
    assert_true(media_transcode("", "a.srt", "b.vtt"));
    assert_result("WEBVTT\n\n00:00.200 --> 00:01.000\nFirst <i>line</i>\n\n"
                  "00:01.200 --> 00:01.900\nSecond\n");
    assert_true(media_transcode("", "a.srt", "b.ass"));
    assert_non_null(memmem(spool_bytes(&media_output), (size_t)media_output.size,
                           "0:00:01.20,0:00:01.90,Default,,0,0,0,,Second",
                           strlen("0:00:01.20,0:00:01.90,Default,,0,0,0,,Second")));
}

static void test_subtitle_keeps_its_time_through_a_container(void **state)
{
    (void)state;
    assert_true(media_transcode("-c:s mov_text", "a.srt", "b.mp4"));
    media_swap();
    assert_true(media_transcode("", "b.mp4", "c.srt"));
    assert_result("1\n00:00:00,200 --> 00:00:01,000\nFirst <i>line</i>\n\n"
                  "2\n00:00:01,200 --> 00:00:01,900\nSecond\n\n");
}

static void test_subtitle_is_cut_at_both_ends(void **state)
{
    (void)state;
    assert_true(media_transcode("-ss 0.5", "a.srt", "b.srt"));
    assert_result("1\n00:00:00,700 --> 00:00:01,400\nSecond\n\n");
    assert_true(media_transcode("-t 1", "a.srt", "b.srt"));
    assert_result("1\n00:00:00,200 --> 00:00:01,000\nFirst <i>line</i>\n\n");
}

static void test_subtitle_does_not_go_from_text_to_pictures(void **state)
{
    (void)state;
    assert_false(media_transcode("-c:s dvbsub", "a.srt", "b.mkv"));
    assert_int_equal(media_err.kind, ERROR_MEDIA);
    assert_non_null(strstr(media_err.text, "text to text"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, media_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_subtitle_goes_from_text_to_text),
        TEST(test_subtitle_keeps_its_time_through_a_container),
        TEST(test_subtitle_is_cut_at_both_ends),
        TEST(test_subtitle_does_not_go_from_text_to_pictures),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
