/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "media/frame_memory.h"

static AVFrame *make_picture(void)
{
    AVFrame *frame = av_frame_alloc();

    frame->format = AV_PIX_FMT_GRAY8;
    frame->width = frame->height = 64;
    assert_int_equal(av_frame_get_buffer(frame, 0), 0);
    return frame;
}

static uint64_t bytes_in(struct frame_memory *memory)
{
    return atomic_load(&memory->bytes);
}

static void test_frame_memory_counts_a_frame_until_nothing_is_left_of_it(void **state)
{
    struct frame_memory memory = { .limit = 1000000 };
    AVFrame *frame = make_picture();
    AVFrame *derived = av_frame_alloc();
    struct error err;

    (void)state;
    assert_true(frame_memory_of(frame) >= 4096);
    assert_true(frame_memory_count(&memory, frame, 0, &err));
    assert_int_equal(bytes_in(&memory), frame_memory_of(frame));
    assert_true(frame_memory_count(&memory, frame, 900000, &err));
    assert_int_equal(bytes_in(&memory), 900000);
    assert_int_equal(av_frame_copy_props(derived, frame), 0);
    av_frame_free(&frame);
    assert_int_equal(bytes_in(&memory), 900000);
    frame_memory_forget(derived);
    assert_int_equal(bytes_in(&memory), 0);
    assert_true(frame_memory_check(&memory, &err));
    av_frame_free(&derived);
}

static void test_frame_memory_remembers_that_there_was_too_much(void **state)
{
    struct frame_memory memory = { .limit = 10000 };
    AVFrame *frame = make_picture();
    struct error err;

    (void)state;
    assert_false(frame_memory_count(&memory, frame, 10001, &err));
    assert_string_equal(err.word, "Media.TooMuchMemory");
    av_frame_free(&frame);
    assert_int_equal(bytes_in(&memory), 0);
    assert_false(frame_memory_check(&memory, &err));
}

static void test_frame_memory_without_a_limit_marks_nothing(void **state)
{
    struct frame_memory memory = { .limit = 0 };
    AVFrame *frame = make_picture();
    struct error err;

    (void)state;
    assert_true(frame_memory_count(&memory, frame, UINT64_MAX, &err));
    assert_null(frame->opaque_ref);
    av_frame_free(&frame);
}

/* What the decoder of a picture needs, without a packet. */
static void test_frame_memory_refuses_buffers_of_decoders(void **state)
{
    const AVCodec *codec = avcodec_find_decoder(AV_CODEC_ID_RAWVIDEO);
    AVCodecContext *decoder = avcodec_alloc_context3(codec);
    struct frame_memory memory = { .limit = 6000 };
    AVFrame *frames[2] = { av_frame_alloc(), av_frame_alloc() };

    (void)state;
    assert_non_null(decoder);
    decoder->pix_fmt = AV_PIX_FMT_GRAY8;
    decoder->width = decoder->height = 64;
    frame_memory_watch(&memory, decoder);
    assert_int_equal(avcodec_open2(decoder, codec, NULL), 0);
    for (int i = 0; i < 2; i++) {
        frames[i]->format = AV_PIX_FMT_GRAY8;
        frames[i]->width = frames[i]->height = 64;
        assert_int_equal(decoder->get_buffer2(decoder, frames[i], 0), i < 1 ? 0 : AVERROR(ENOMEM));
    }
    av_frame_free(&frames[0]);
    av_frame_free(&frames[1]);
    avcodec_free_context(&decoder);
    assert_int_equal(bytes_in(&memory), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frame_memory_counts_a_frame_until_nothing_is_left_of_it),
        cmocka_unit_test(test_frame_memory_remembers_that_there_was_too_much),
        cmocka_unit_test(test_frame_memory_without_a_limit_marks_nothing),
        cmocka_unit_test(test_frame_memory_refuses_buffers_of_decoders),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
