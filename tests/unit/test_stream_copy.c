/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "media_fixture.h"

/* In media_input: 40 pictures in 1.6 s, every tenth a key frame. */
static int set_up(void **state)
{
    media_set_up(state);
    media_make_film(40);
    if (!media_transcode("-c:v mpeg4 -g 10", "a.y4m", "b.mkv"))
        return -1;
    media_swap();
    return 0;
}

static uint64_t copied(const char *options, const char *name)
{
    if (!media_transcode(options, "b.mkv", name))
        fail_msg("said: %s", media_err.text);
    return media_seen.output.streams[0].packets;
}

static void test_stream_copy_keeps_packets(void **state)
{
    char *pictures;
    size_t size;

    (void)state;
    assert_true(media_transcode("-f rawvideo", "b.mkv", "b.raw"));
    size = (size_t)media_output.size;
    pictures = memory_copy_bytes(spool_bytes(&media_output), size);
    assert_int_equal(copied("-c copy", "c.mp4"), 40);
    assert_string_equal(media_seen.output.streams[0].codec, "mpeg4");
    media_swap();
    assert_true(media_transcode("-f rawvideo", "c.mp4", "c.raw"));
    assert_int_equal(media_output.size, size);
    assert_memory_equal(spool_bytes(&media_output), pictures, size);
    free(pictures);
}

static void test_stream_copy_begins_with_a_key_frame(void **state)
{
    (void)state;
    assert_int_equal(copied("-c copy -ss 0.5", "c.mkv"), 20);
    assert_int_equal(copied("-c copy -ss 0.5 -copyinkf", "c.mkv"), 27);
    assert_int_equal(copied("-c copy -ss 0.4", "c.mkv"), 30);
}

static void test_stream_copy_ends_in_time(void **state)
{
    (void)state;
    assert_int_equal(copied("-c copy -t 0.4", "c.mkv"), 10);
    assert_int_equal(copied("-c copy -frames:v 3", "c.mkv"), 3);
    assert_int_equal(copied("-c copy -ss 0.4 -t 0.2", "c.mkv"), 5);
}

static void test_stream_copy_filters_bitstreams(void **state)
{
    (void)state;
    assert_int_equal(copied("-c copy -bsf:v noise=drop=mod(n\\\\,2)", "c.mkv"), 20);
    assert_false(media_transcode("-c copy -bsf:v h264_mp4toannexb", "b.mkv", "c.mkv"));
}

static void test_stream_copy_refuses_filters(void **state)
{
    (void)state;
    assert_false(media_transcode("-c copy -vf hflip", "b.mkv", "c.mkv"));
    assert_non_null(strstr(media_err.text, "Filtering and streamcopy"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, media_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_stream_copy_keeps_packets),   TEST(test_stream_copy_begins_with_a_key_frame),
        TEST(test_stream_copy_ends_in_time),    TEST(test_stream_copy_filters_bitstreams),
        TEST(test_stream_copy_refuses_filters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
