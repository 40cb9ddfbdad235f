/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libavutil/channel_layout.h>
#include <libavutil/samplefmt.h>

#include "base/memory.h"
#include "media/filter.h"
#include "media_fixture.h"

enum { FRAMES = 40, GAP_AFTER = 17 };

static const AVIOInterruptCB no_interrupt = { NULL, NULL };
static struct recipe *recipe;
static struct input input;

/* What is converted into what, in frames of how many samples. */
struct change {
    enum AVSampleFormat from;
    int rate_from;
    int channels_from;
    int frame_from;
    enum AVSampleFormat to;
    int rate_to;
    int channels_to;
    unsigned frame_to;
};

struct frames {
    AVFrame **list;
    size_t count;
};

static int open_input(void **state)
{
    media_set_up(state);
    media_make_wav(48000, 2, 100);
    recipe = media_recipe("");
    return input_open(&input,
                      &(struct input_request){ .recipe = recipe,
                                               .reader = reader_of_spool(&media_input),
                                               .name = "a.wav",
                                               .interrupt = &no_interrupt },
                      &media_err)
               ? 0
               : -1;
}

static int close_input(void **state)
{
    input_release(&input);
    recipe_free(recipe);
    return media_tear_down(state);
}

static void open_filter(struct filter *filter, const struct change *change, const char *text,
                        bool alone)
{
    struct filter_target target = {
        .shape = { .format = change->to, .sample_rate = change->rate_to },
        .start_us = AV_NOPTS_VALUE,
        .duration_us = INT64_MAX,
    };

    av_channel_layout_default(&target.shape.layout, change->channels_to);
    filter_init_simple(filter, &input.streams[0], text, (struct filter_means){ .threads = 1 });
    filter_set_target(filter, 0, &target);
    filter->alone = alone;
}

/* Noise, the same for the same number; every third frame is shorter. */
static AVFrame *make_frame(const struct change *change, unsigned number, int64_t pts)
{
    AVFrame *frame = av_frame_alloc();
    unsigned seed = number + 1;
    int planes;
    int size;

    frame->format = change->from;
    frame->sample_rate = change->rate_from;
    av_channel_layout_default(&frame->ch_layout, change->channels_from);
    frame->nb_samples = number % 3 ? change->frame_from : change->frame_from / 2 + 1;
    frame->pts = number == 3 ? AV_NOPTS_VALUE : pts;
    assert_int_equal(av_frame_get_buffer(frame, 0), 0);
    planes = av_sample_fmt_is_planar(change->from) ? change->channels_from : 1;
    size = av_samples_get_buffer_size(NULL, change->channels_from / planes, frame->nb_samples,
                                      change->from, 1);
    for (int plane = 0; plane < planes; plane++) {
        for (int i = 0; i < size; i++) {
            seed = seed * 1103515245 + 12345;
            frame->extended_data[plane][i] = (uint8_t)(seed >> 16);
        }
        /* Bytes of noise are no numbers between -1 and 1. */
        for (int i = 0; change->from == AV_SAMPLE_FMT_FLTP && i < frame->nb_samples; i++) {
            seed = seed * 1103515245 + 12345;
            ((float *)frame->extended_data[plane])[i] = (float)(seed >> 8) / (1 << 23) - 1;
        }
    }
    return frame;
}

static void collect(struct filter *filter, struct frames *frames)
{
    AVFrame *frame = av_frame_alloc();

    while (filter_pull(filter, 0, frame) >= 0) {
        frames->list = memory_grow(frames->list, frames->count + 1, sizeof(AVFrame *));
        frames->list[frames->count++] = frame;
        frame = av_frame_alloc();
    }
    av_frame_free(&frame);
}

/* In the order of the pipeline: push, pull; after the end request, pull. */
static struct frames run(struct filter *filter, const struct change *change)
{
    struct frames frames = { NULL, 0 };
    int64_t pts = 1000;
    int status;

    for (unsigned i = 0; i < FRAMES; i++) {
        AVFrame *frame = make_frame(change, i, pts);

        pts += frame->nb_samples + (i == GAP_AFTER ? change->rate_from : 0);
        if (filter_must_change(filter, 0, frame)) {
            filter_shape_from_frame(filter, 0, frame);
            assert_true(filter_configure(filter, &media_err));
            filter_set_frame_size(filter, 0, change->frame_to);
        }
        assert_true(filter_push(filter, 0, frame, &media_err));
        collect(filter, &frames);
        while ((status = filter_request(filter)) >= 0)
            collect(filter, &frames);
        assert_int_equal(status, AVERROR(EAGAIN));
        assert_ptr_equal(filter_hungry_for(filter), &input.streams[0]);
        av_frame_free(&frame);
    }
    assert_true(filter_close(filter, 0, pts, &media_err));
    while (filter_request(filter) >= 0)
        collect(filter, &frames);
    collect(filter, &frames);
    assert_int_equal(filter_request(filter), AVERROR_EOF);
    return frames;
}

static void free_frames(struct frames *frames)
{
    for (size_t i = 0; i < frames->count; i++)
        av_frame_free(&frames->list[i]);
    free(frames->list);
}

static void compare(const AVFrame *ours, const AVFrame *theirs)
{
    int channels = theirs->ch_layout.nb_channels;
    int planes = av_sample_fmt_is_planar(theirs->format) ? channels : 1;
    int size =
        av_samples_get_buffer_size(NULL, channels / planes, theirs->nb_samples, theirs->format, 1);

    assert_int_equal(ours->format, theirs->format);
    assert_int_equal(ours->nb_samples, theirs->nb_samples);
    assert_int_equal(ours->sample_rate, theirs->sample_rate);
    assert_int_equal(ours->pts, theirs->pts);
    assert_int_equal(av_channel_layout_compare(&ours->ch_layout, &theirs->ch_layout), 0);
    for (int plane = 0; plane < planes; plane++)
        assert_memory_equal(ours->extended_data[plane], theirs->extended_data[plane], size);
}

static void check_same_as_graph(const struct change *change, const char *text)
{
    struct filter short_way;
    struct filter graph;
    struct frames ours;
    struct frames theirs;

    open_filter(&short_way, change, text, true);
    open_filter(&graph, change, text, false);
    ours = run(&short_way, change);
    theirs = run(&graph, change);
    assert_non_null(short_way.resampler);
    assert_null(graph.resampler);
    assert_int_equal(ours.count, theirs.count);
    assert_true(ours.count > 0);
    for (size_t i = 0; i < ours.count; i++)
        compare(ours.list[i], theirs.list[i]);
    free_frames(&ours);
    free_frames(&theirs);
    filter_release(&short_way);
    filter_release(&graph);
}

static const struct change changes[] = {
    { AV_SAMPLE_FMT_FLTP, 44100, 2, 1152, AV_SAMPLE_FMT_S16, 48000, 1, 0 },
    { AV_SAMPLE_FMT_FLTP, 44100, 2, 1152, AV_SAMPLE_FMT_S32, 48000, 1, 4608 },
    { AV_SAMPLE_FMT_FLTP, 48000, 1, 1024, AV_SAMPLE_FMT_FLTP, 48000, 1, 1024 },
    { AV_SAMPLE_FMT_FLTP, 48000, 10, 1024, AV_SAMPLE_FMT_FLTP, 48000, 10, 960 },
    { AV_SAMPLE_FMT_S16, 8000, 1, 160, AV_SAMPLE_FMT_S16P, 44100, 2, 1152 },
    { AV_SAMPLE_FMT_S16, 96000, 6, 4096, AV_SAMPLE_FMT_S16, 16000, 2, 0 },
    { AV_SAMPLE_FMT_S16, 44100, 2, 20000, AV_SAMPLE_FMT_S16, 44100, 2, 1024 },
    { AV_SAMPLE_FMT_S16, 44100, 2, 7, AV_SAMPLE_FMT_S16, 44100, 2, 1024 },
    { AV_SAMPLE_FMT_U8, 11025, 1, 3, AV_SAMPLE_FMT_FLTP, 192000, 1, 100 },
    { AV_SAMPLE_FMT_S16, 44101, 1, 1000, AV_SAMPLE_FMT_S16, 47999, 1, 0 },
    { AV_SAMPLE_FMT_FLTP, 352800, 1, 4096, AV_SAMPLE_FMT_S16, 48000, 1, 0 },
    { AV_SAMPLE_FMT_S16, 1411200, 1, 4096, AV_SAMPLE_FMT_S16, 48000, 1, 0 },
};

static void test_resampler_gives_the_frames_that_the_graph_gives(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++)
        check_same_as_graph(&changes[i], NULL);
}

static void test_resampler_obeys_the_options_of_aresample(void **state)
{
    static const char *const texts[] = {
        "aresample=async=1",          "aresample=async=1000",     "aresample=first_pts=0",
        "aresample=min_comp=0.001",   "aresample=phase_shift=16", "aresample=linear_interp=1",
        "aresample=exact_rational=0", "aresample=filter_size=64",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
        for (size_t j = 0; j < sizeof(texts) / sizeof(*texts); j++)
            check_same_as_graph(&changes[i], texts[j]);
    }
}

static void test_resampler_leaves_other_filters_to_the_graph(void **state)
{
    static const struct change change = { AV_SAMPLE_FMT_S16, 44100, 2, 1024,
                                          AV_SAMPLE_FMT_S16, 48000, 1, 0 };
    static const char *const texts[] = { "volume=0.5", "aresample=22050,aresample=8000", "apad",
                                         "atrim=end=1" };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct filter filter;
        AVFrame *frame = make_frame(&change, 0, 0);

        open_filter(&filter, &change, texts[i], true);
        filter_shape_from_frame(&filter, 0, frame);
        assert_true(filter_configure(&filter, &media_err));
        assert_null(filter.resampler);
        filter_release(&filter);
        av_frame_free(&frame);
    }
}

/* What comes after a change is what ffmpeg makes of it, which the graph knows best. */
static void test_resampler_ends_when_frames_change(void **state)
{
    static const struct change change = { AV_SAMPLE_FMT_S16, 44100, 2, 1024,
                                          AV_SAMPLE_FMT_S16, 48000, 1, 0 };
    static const struct change other = { AV_SAMPLE_FMT_S16, 22050, 1, 1024,
                                         AV_SAMPLE_FMT_S16, 48000, 1, 0 };
    struct filter filter;
    AVFrame *frame = make_frame(&change, 0, 0);

    (void)state;
    open_filter(&filter, &change, NULL, true);
    filter_shape_from_frame(&filter, 0, frame);
    assert_true(filter_configure(&filter, &media_err));
    assert_non_null(filter.resampler);
    assert_true(filter_push(&filter, 0, frame, &media_err));
    av_frame_free(&frame);
    frame = make_frame(&other, 1, 1024);
    assert_true(filter_must_change(&filter, 0, frame));
    filter_shape_from_frame(&filter, 0, frame);
    assert_true(filter_configure(&filter, &media_err));
    assert_null(filter.resampler);
    assert_true(filter_push(&filter, 0, frame, &media_err));
    av_frame_free(&frame);
    filter_release(&filter);
}

static void test_resampler_refuses_frames_it_was_not_set_up_for(void **state)
{
    static const struct change change = { AV_SAMPLE_FMT_S16, 44100, 2, 1024,
                                          AV_SAMPLE_FMT_S16, 48000, 1, 0 };
    static const struct change other = { AV_SAMPLE_FMT_S16, 44100, 1, 1024,
                                         AV_SAMPLE_FMT_S16, 48000, 1, 0 };
    struct filter filter;
    AVFrame *frame = make_frame(&change, 0, 0);

    (void)state;
    open_filter(&filter, &change, NULL, true);
    filter_shape_from_frame(&filter, 0, frame);
    assert_true(filter_configure(&filter, &media_err));
    assert_non_null(filter.resampler);
    av_frame_free(&frame);
    frame = make_frame(&other, 1, 1024);
    assert_false(filter_push(&filter, 0, frame, &media_err));
    assert_string_equal(media_err.word, "Media.FilterFailed");
    av_frame_free(&frame);
    filter_release(&filter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_resampler_gives_the_frames_that_the_graph_gives,
                                        open_input, close_input),
        cmocka_unit_test_setup_teardown(test_resampler_obeys_the_options_of_aresample, open_input,
                                        close_input),
        cmocka_unit_test_setup_teardown(test_resampler_leaves_other_filters_to_the_graph,
                                        open_input, close_input),
        cmocka_unit_test_setup_teardown(test_resampler_ends_when_frames_change, open_input,
                                        close_input),
        cmocka_unit_test_setup_teardown(test_resampler_refuses_frames_it_was_not_set_up_for,
                                        open_input, close_input),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
