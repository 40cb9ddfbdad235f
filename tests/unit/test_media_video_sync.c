/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "media/video_sync.h"

static void take(struct video_sync *sync, double time, int64_t count, int64_t previous)
{
    struct video_sync_verdict verdict = video_sync_next(sync, time, 1);

    assert_int_equal(verdict.count, count);
    assert_int_equal(verdict.previous, previous);
    sync->next_pts += verdict.count;
    sync->pictures += verdict.count;
}

static void init(struct video_sync *sync, const char *container, bool input_is_one_stream)
{
    const struct video_sync_rules rules = {
        .container = av_guess_format(container, NULL, NULL),
        .input_is_one_stream = input_is_one_stream,
        .limit = INT64_MAX,
        .gap_s = 1000,
    };

    video_sync_init(sync, &rules);
}

static void test_video_sync_init_follows_the_container(void **state)
{
    struct video_sync sync;

    (void)state;
    init(&sync, "matroska", false);
    assert_int_equal(sync.method, VIDEO_SYNC_VARIABLE);
    init(&sync, "avi", false);
    assert_int_equal(sync.method, VIDEO_SYNC_VARIABLE);
    init(&sync, "mp3", false);
    assert_int_equal(sync.method, VIDEO_SYNC_CONSTANT);
    init(&sync, "mp3", true);
    assert_int_equal(sync.method, VIDEO_SYNC_CONSTANT_LATER);
}

static void test_video_sync_constant_repeats_and_drops(void **state)
{
    struct video_sync sync = { .method = VIDEO_SYNC_CONSTANT, .limit = INT64_MAX, .most = 1000 };

    (void)state;
    take(&sync, 0, 1, 0);
    take(&sync, 1, 1, 0);
    take(&sync, 4, 3, 1);
    take(&sync, 2.5, 0, 0);
    take(&sync, 5, 1, 0);
}

static void test_video_sync_constant_later_begins_late(void **state)
{
    struct video_sync sync = { .method = VIDEO_SYNC_CONSTANT_LATER,
                               .limit = INT64_MAX,
                               .most = 1000 };

    (void)state;
    take(&sync, 7, 1, 0);
    assert_int_equal(sync.next_pts, 8);
    take(&sync, 8, 1, 0);
}

static void test_video_sync_variable_keeps_times(void **state)
{
    struct video_sync sync = { .method = VIDEO_SYNC_VARIABLE, .limit = INT64_MAX, .most = 1000 };

    (void)state;
    take(&sync, 3, 1, 0);
    assert_int_equal(sync.next_pts, 4);
    take(&sync, 10, 1, 0);
    assert_int_equal(sync.next_pts, 11);
    take(&sync, 1, 0, 0);
}

static void test_video_sync_time_is_finer_than_ticks(void **state)
{
    double time = video_sync_time(3, (AVRational){ 1, 50 }, 0, (AVRational){ 1, 25 });

    (void)state;
    assert_true(time > 1.5 && time < 1.51);
    time = video_sync_time(0, (AVRational){ 1, 50 }, 1000000, (AVRational){ 1, 25 });
    assert_true(time < -25 && time > -25.01);
}

static void test_video_sync_end_repeats_as_usual(void **state)
{
    struct video_sync sync = { .recent = { 2, 2, 0 }, .limit = 9, .most = 9 };

    (void)state;
    assert_int_equal(video_sync_end(&sync).count, 2);
    sync = (struct video_sync){ .recent = { 0, 2, 0 }, .limit = 9 };
    assert_int_equal(video_sync_end(&sync).count, 0);
}

/* As ffmpeg with -dts_error_threshold 0.2: up to six pictures for one. */
static void test_video_sync_passes_over_a_gap_that_is_too_large(void **state)
{
    struct video_sync sync = { .method = VIDEO_SYNC_CONSTANT, .limit = INT64_MAX, .most = 6 };

    (void)state;
    take(&sync, 0, 1, 0);
    assert_false(video_sync_next(&sync, 6, 1).passes);
    assert_true(video_sync_next(&sync, 7, 1).passes);
    sync.most = 0;
    assert_true(video_sync_next(&sync, 2, 1).passes);
    assert_false(video_sync_next(&sync, 1, 1).passes);
}

static void test_video_sync_init_reads_how_large(void **state)
{
    struct video_sync sync;

    (void)state;
    video_sync_init(&sync, &(struct video_sync_rules){
                               .container = av_guess_format("avi", NULL, NULL), .gap_s = 0.5 });
    assert_true(sync.most == 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_video_sync_init_follows_the_container),
        cmocka_unit_test(test_video_sync_constant_repeats_and_drops),
        cmocka_unit_test(test_video_sync_constant_later_begins_late),
        cmocka_unit_test(test_video_sync_variable_keeps_times),
        cmocka_unit_test(test_video_sync_time_is_finer_than_ticks),
        cmocka_unit_test(test_video_sync_end_repeats_as_usual),
        cmocka_unit_test(test_video_sync_passes_over_a_gap_that_is_too_large),
        cmocka_unit_test(test_video_sync_init_reads_how_large),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
