/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "media/decoder_delay.h"

enum { PACKETS = 5, BYTES = 64 };

static AVCodecContext *context;
static AVPacket *packet;
static AVFrame *frame;
static struct decoder_delay delay;

static int set_up(void **state)
{
    (void)state;
    context = avcodec_alloc_context3(avcodec_find_decoder(AV_CODEC_ID_PCM_U8));
    context->sample_rate = 8000;
    av_channel_layout_default(&context->ch_layout, 1);
    packet = av_packet_alloc();
    frame = av_frame_alloc();
    return avcodec_open2(context, NULL, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    decoder_delay_release(&delay);
    av_frame_free(&frame);
    av_packet_free(&packet);
    avcodec_free_context(&context);
    return 0;
}

static int give(int64_t pts)
{
    int status;

    assert_int_equal(av_new_packet(packet, BYTES), 0);
    packet->pts = pts;
    status = decoder_delay_receive(&delay, context, packet, frame);
    av_packet_unref(packet);
    return status;
}

static void test_decoder_delay_gives_frames_late_and_all_of_them(void **state)
{
    (void)state;
    delay.length = 2;
    for (int64_t i = 0; i < PACKETS; i++) {
        assert_int_equal(give(i), i < 2 ? AVERROR(EAGAIN) : 0);
        if (i >= 2)
            assert_int_equal(frame->pts, i - 2);
    }
    for (int64_t i = PACKETS - 2; i < PACKETS; i++) {
        assert_int_equal(decoder_delay_receive(&delay, context, packet, frame), 0);
        assert_int_equal(frame->pts, i);
    }
    assert_int_equal(decoder_delay_receive(&delay, context, packet, frame), AVERROR_EOF);
    assert_int_equal(decoder_delay_receive(&delay, context, packet, frame), AVERROR_EOF);
}

static void test_decoder_delay_is_of_decoders_that_take_several_packets(void **state)
{
    (void)state;
    assert_int_equal(decoder_delay_usual(context), 0);
}

static void test_decoder_delay_frees_what_was_not_decoded(void **state)
{
    (void)state;
    delay.length = 8;
    assert_int_equal(give(0), AVERROR(EAGAIN));
    assert_int_equal(delay.count, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_decoder_delay_gives_frames_late_and_all_of_them),
        TEST(test_decoder_delay_is_of_decoders_that_take_several_packets),
        TEST(test_decoder_delay_frees_what_was_not_decoded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
