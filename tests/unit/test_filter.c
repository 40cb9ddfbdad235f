/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <libavutil/channel_layout.h>

#include "media/filter.h"
#include "media_fixture.h"

static const AVIOInterruptCB no_interrupt = { NULL, NULL };
static struct recipe *recipe;
static struct input input;
static struct filter filter;

static int open_filter(void **state)
{
    struct filter_target target = {
        .shape = { .format = AV_SAMPLE_FMT_S16, .sample_rate = 48000 },
        .start_us = AV_NOPTS_VALUE,
        .duration_us = INT64_MAX,
    };

    media_set_up(state);
    media_make_wav(48000, 2, 100);
    recipe = media_recipe("");
    if (!input_open(&input,
                    &(struct input_request){ .recipe = recipe,
                                             .reader = reader_of_spool(&media_input),
                                             .name = "a.wav",
                                             .interrupt = &no_interrupt },
                    &media_err))
        return -1;
    av_channel_layout_default(&target.shape.layout, 2);
    filter_init_simple(&filter, &input.streams[0], NULL, (struct filter_means){ .threads = 1 });
    filter_set_target(&filter, 0, &target);
    return 0;
}

static int close_filter(void **state)
{
    filter_release(&filter);
    input_release(&input);
    recipe_free(recipe);
    return media_tear_down(state);
}

static AVFrame *make_frame(int rate, int channels, int samples)
{
    AVFrame *frame = av_frame_alloc();

    frame->format = AV_SAMPLE_FMT_S16;
    frame->sample_rate = rate;
    av_channel_layout_default(&frame->ch_layout, channels);
    frame->nb_samples = samples;
    frame->pts = 0;
    assert_int_equal(av_frame_get_buffer(frame, 0), 0);
    memset(frame->data[0], 1, (size_t)samples * channels * 2);
    return frame;
}

static bool push(AVFrame *frame)
{
    bool ok = true;

    if (filter_must_change(&filter, 0, frame)) {
        filter_shape_from_frame(&filter, 0, frame);
        ok = filter_configure(&filter, &media_err);
    }
    return ok && filter_push(&filter, 0, frame, &media_err);
}

static int pull_samples(void)
{
    AVFrame *frame = av_frame_alloc();
    int samples = 0;

    while (filter_pull(&filter, 0, frame) >= 0) {
        assert_int_equal(frame->sample_rate, 48000);
        assert_int_equal(frame->ch_layout.nb_channels, 2);
        samples += frame->nb_samples;
        av_frame_unref(frame);
    }
    av_frame_free(&frame);
    return samples;
}

static void test_filter_leaves_fitting_frames_alone(void **state)
{
    AVFrame *frame = make_frame(48000, 2, 1000);

    (void)state;
    assert_true(push(frame));
    assert_true(filter.only_marks);
    assert_int_equal(pull_samples(), 1000);
    av_frame_free(&frame);
}

static void test_filter_makes_a_new_graph_when_frames_change(void **state)
{
    AVFrame *frame = make_frame(48000, 2, 1000);
    AVFrame *other = make_frame(24000, 1, 1000);
    AVFrame *same = make_frame(24000, 1, 1000);
    int samples;

    (void)state;
    assert_true(push(frame));
    assert_true(filter_must_change(&filter, 0, other));
    assert_int_equal(pull_samples(), 1000);
    assert_true(push(other));
    assert_false(filter.only_marks);
    assert_false(filter_must_change(&filter, 0, same));
    assert_true(push(same));
    assert_true(filter_close(&filter, 0, 0, &media_err));
    samples = pull_samples();
    assert_in_range(samples, 3980, 4020);
    av_frame_free(&frame);
    av_frame_free(&other);
    av_frame_free(&same);
}

static void test_filter_close_knows_the_shape_without_frames(void **state)
{
    (void)state;
    input.streams[0].stream->codecpar->format = AV_SAMPLE_FMT_S16;
    assert_true(filter_close(&filter, 0, 0, &media_err));
    assert_true(filter_configure(&filter, &media_err));
    assert_int_equal(pull_samples(), 0);
}

static void test_filter_close_fails_when_the_shape_cannot_be_known(void **state)
{
    (void)state;
    input.streams[0].stream->codecpar->format = -1;
    assert_false(filter_close(&filter, 0, 0, &media_err));
    assert_string_equal(media_err.word, "Media.InvalidData");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_filter_leaves_fitting_frames_alone, open_filter,
                                        close_filter),
        cmocka_unit_test_setup_teardown(test_filter_makes_a_new_graph_when_frames_change,
                                        open_filter, close_filter),
        cmocka_unit_test_setup_teardown(test_filter_close_knows_the_shape_without_frames,
                                        open_filter, close_filter),
        cmocka_unit_test_setup_teardown(test_filter_close_fails_when_the_shape_cannot_be_known,
                                        open_filter, close_filter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
