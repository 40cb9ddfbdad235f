/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "media/input.h"
#include "media/stream_choice.h"
#include "media_fixture.h"

static const AVIOInterruptCB no_interrupt = { NULL, NULL };
static struct recipe *recipe;

static bool open_input(struct input *input, const char *name)
{
    const struct input_request request = {
        .recipe = recipe,
        .reader = reader_of_spool(&media_input),
        .name = name,
        .interrupt = &no_interrupt,
    };

    return input_open(input, &request, &media_err);
}

static int set_up(void **state)
{
    media_set_up(state);
    recipe = media_recipe("");
    return recipe ? 0 : -1;
}

static int tear_down(void **state)
{
    recipe_free(recipe);
    return media_tear_down(state);
}

static void test_input_open_lists_streams(void **state)
{
    struct input input;
    const struct input_set set = { &input, 1 };

    (void)state;
    media_make_wav(44100, 2, 1000);
    assert_true(open_input(&input, "a.wav"));
    assert_int_equal(input.stream_count, 1);
    assert_int_equal(input.streams[0].stream->codecpar->ch_layout.order, AV_CHANNEL_ORDER_NATIVE);
    assert_ptr_equal(stream_choice_audio(&set), &input.streams[0]);
    assert_null(stream_choice_video(&set, av_guess_format("mp4", NULL, NULL)));
    assert_null(stream_choice_subtitle(&set, av_guess_format("mp4", NULL, NULL), false));
    input_release(&input);
}

/* The decoder of Monkey's Audio has an option of its own with the name of a limit. */
static void test_input_decoder_options_leave_a_decoders_own_alone(void **state)
{
    struct input input;
    AVDictionary *options;

    (void)state;
    media_make_wav(44100, 2, 1000);
    assert_true(open_input(&input, "a.wav"));
    input.limits.memory = 1 << 20;
    options = input_decoder_options(&input.streams[0]);
    assert_non_null(av_dict_get(options, "max_samples", NULL, 0));
    av_dict_free(&options);
    input.streams[0].decoder = avcodec_find_decoder(AV_CODEC_ID_APE);
    options = input_decoder_options(&input.streams[0]);
    assert_null(av_dict_get(options, "max_samples", NULL, 0));
    av_dict_free(&options);
    input_release(&input);
}

static void test_input_read_gives_wanted_packets_from_zero(void **state)
{
    struct input input;
    struct input_stream *stream;
    AVPacket *packet = av_packet_alloc();
    int64_t expected = 0;

    (void)state;
    media_make_wav(48000, 1, 30000);
    assert_true(media_transcode("-output_ts_offset 100 -f mpegts -c:a mp2", "a.wav", "b.ts"));
    media_swap();
    assert_true(open_input(&input, "b.ts"));
    assert_true(input.format->start_time >= 100000000);
    input_want(&input.streams[0]);
    input_discard_unwanted(&input);
    while (input_read(&input, packet, &stream)) {
        assert_ptr_equal(stream, &input.streams[0]);
        assert_int_equal(packet->pts, expected);
        expected += packet->duration;
        av_packet_unref(packet);
    }
    assert_true(expected > 0);
    assert_true(input.ended);
    assert_int_equal(input.failure, 0);
    av_packet_free(&packet);
    input_release(&input);
}

static void test_input_read_skips_streams_nobody_wants(void **state)
{
    struct input input;
    struct input_stream *stream;
    AVPacket *packet = av_packet_alloc();

    (void)state;
    media_make_wav(48000, 1, 30000);
    assert_true(open_input(&input, "a.wav"));
    while (input_read(&input, packet, &stream)) {
        assert_null(stream);
        av_packet_unref(packet);
    }
    av_packet_free(&packet);
    input_release(&input);
}

static void test_input_open_is_released_after_a_failure(void **state)
{
    struct input input;

    (void)state;
    media_make_bytes("nothing", 7);
    assert_false(open_input(&input, "a.wav"));
    assert_int_equal(media_err.kind, ERROR_MEDIA);
    input_release(&input);
}

static void test_input_open_takes_names_that_look_like_addresses(void **state)
{
    static const char *const names[] = {
        "http://127.0.0.1:1/a.wav", "a%03d.wav", "concat:a|b.wav", "-", "pipe:0", ""
    };

    (void)state;
    media_make_wav(48000, 1, 3000);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct input input;

        assert_true(open_input(&input, names[i]));
        assert_string_equal(input.format->iformat->name, "wav");
        input_release(&input);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_input_open_lists_streams),
        cmocka_unit_test(test_input_decoder_options_leave_a_decoders_own_alone),
        cmocka_unit_test(test_input_read_gives_wanted_packets_from_zero),
        cmocka_unit_test(test_input_read_skips_streams_nobody_wants),
        cmocka_unit_test(test_input_open_is_released_after_a_failure),
        cmocka_unit_test(test_input_open_takes_names_that_look_like_addresses),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
