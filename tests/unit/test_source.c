/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "media/source.h"

static AVFormatContext *format;
static struct input input;
static struct input_stream stream;
static struct source source;
static AVPacket *packet;

static int set_up(void **state)
{
    (void)state;
    format = avformat_alloc_context();
    packet = av_packet_alloc();
    input = (struct input){ .format = format, .streams = &stream, .stream_count = 1 };
    stream = (struct input_stream){
        .input = &input,
        .stream = avformat_new_stream(format, NULL),
        .timeline = { .next_pts = AV_NOPTS_VALUE, .next_dts = AV_NOPTS_VALUE },
    };
    source = (struct source){ .stream = &stream };
    stream.stream->time_base = (AVRational){ 1, 1000 };
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    source_release(&source);
    av_packet_free(&packet);
    avformat_free_context(format);
    return 0;
}

static void be_video(int delay)
{
    stream.stream->codecpar->codec_type = AVMEDIA_TYPE_VIDEO;
    stream.stream->codecpar->video_delay = delay;
    stream.stream->avg_frame_rate = (AVRational){ 25, 1 };
}

/* One packet with these times, in milliseconds; AV_NOPTS_VALUE: none. */
static void copy(int64_t pts, int64_t dts, int64_t duration)
{
    packet->pts = pts;
    packet->dts = dts;
    packet->duration = duration;
    source_begin_copy(&source, packet);
    source_advance_copy(&source, packet);
}

static void test_source_copy_of_sound_goes_on_by_its_frames(void **state)
{
    AVCodecParameters *parameters = stream.stream->codecpar;

    (void)state;
    parameters->codec_type = AVMEDIA_TYPE_AUDIO;
    parameters->sample_rate = 48000;
    parameters->frame_size = 960;
    copy(500, 500, 0);
    assert_int_equal(stream.timeline.dts, 500000);
    assert_int_equal(stream.timeline.next_dts, 520000);
    copy(AV_NOPTS_VALUE, AV_NOPTS_VALUE, 7);
    assert_int_equal(stream.timeline.pts, 520000);
    assert_int_equal(stream.timeline.next_pts, 540000);
}

static void test_source_copy_of_sound_without_rate_goes_on_by_its_packets(void **state)
{
    (void)state;
    stream.stream->codecpar->codec_type = AVMEDIA_TYPE_AUDIO;
    copy(0, 0, 7);
    assert_int_equal(stream.timeline.next_dts, 7000);
}

static void test_source_copy_of_pictures_begins_before_those_held_back(void **state)
{
    (void)state;
    be_video(2);
    copy(100, AV_NOPTS_VALUE, 40);
    assert_int_equal(stream.timeline.dts, 20000);
    assert_int_equal(stream.timeline.next_dts, 60000);
}

static void test_source_copy_of_pictures_takes_the_length_that_is_known(void **state)
{
    (void)state;
    be_video(0);
    copy(0, 0, 50);
    assert_int_equal(stream.timeline.next_dts, 50000);
    copy(50, 50, 0);
    assert_int_equal(stream.timeline.next_dts, 90000);
    stream.stream->avg_frame_rate = (AVRational){ 0, 1 };
    copy(90, 90, 0);
    assert_int_equal(stream.timeline.next_dts, 90000);
}

static void test_source_copy_of_pictures_keeps_to_a_forced_rate(void **state)
{
    (void)state;
    be_video(0);
    stream.frame_rate = (AVRational){ 10, 1 };
    copy(0, 0, 40);
    assert_int_equal(stream.timeline.next_dts, 100000);
    copy(AV_NOPTS_VALUE, AV_NOPTS_VALUE, 40);
    assert_int_equal(stream.timeline.next_dts, 200000);
}

static void test_source_copy_begins_at_zero_without_a_packet(void **state)
{
    (void)state;
    be_video(0);
    source_begin_copy(&source, NULL);
    assert_int_equal(stream.timeline.next_dts, 0);
    assert_int_equal(stream.timeline.next_pts, 0);
}

static void test_source_ends_its_filters_once_its_input_does_not_begin_again(void **state)
{
    struct filter filter = { 0 };
    struct error err = { 0 };

    (void)state;
    be_video(0);
    filter_add_input(&filter, &stream, NULL);
    filter.inputs[0].shape.format = 0;
    source_feed(&source, &filter, 0);
    input.loops_left = 1;
    assert_true(source_close_feeds(&source, &err));
    assert_true(source.drained);
    assert_false(filter.inputs[0].closed);
    input.loops_left = 0;
    assert_true(source_close_feeds(&source, &err));
    assert_true(filter.inputs[0].closed);
    filter_release(&filter);
}

static void test_source_says_that_a_stream_nobody_could_decode_has_no_format(void **state)
{
    struct filter filter = { 0 };
    struct error err = { 0 };

    (void)state;
    be_video(0);
    stream.stream->codecpar->format = -1;
    filter_add_input(&filter, &stream, NULL);
    source_feed(&source, &filter, 0);
    assert_false(source_close_feeds(&source, &err));
    assert_int_equal(err.kind, ERROR_MEDIA);
    filter_release(&filter);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_source_copy_of_sound_goes_on_by_its_frames),
        TEST(test_source_copy_of_sound_without_rate_goes_on_by_its_packets),
        TEST(test_source_copy_of_pictures_begins_before_those_held_back),
        TEST(test_source_copy_of_pictures_takes_the_length_that_is_known),
        TEST(test_source_copy_of_pictures_keeps_to_a_forced_rate),
        TEST(test_source_copy_begins_at_zero_without_a_packet),
        TEST(test_source_ends_its_filters_once_its_input_does_not_begin_again),
        TEST(test_source_says_that_a_stream_nobody_could_decode_has_no_format),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
