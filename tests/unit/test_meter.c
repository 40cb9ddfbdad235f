/* SPDX-License-Identifier: MIT */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <libavutil/channel_layout.h>
#include <libavutil/samplefmt.h>

#include "media/meter.h"

enum { ALL = 0xff };

static AVFrame *frame_of(enum AVSampleFormat format, int channels, int samples)
{
    AVFrame *frame = av_frame_alloc();

    assert_non_null(frame);
    frame->format = format;
    frame->nb_samples = samples;
    frame->sample_rate = 8000;
    av_channel_layout_default(&frame->ch_layout, channels);
    assert_int_equal(av_frame_get_buffer(frame, 0), 0);
    av_samples_set_silence(frame->extended_data, 0, samples, channels, format);
    return frame;
}

static struct measurements measure(AVFrame *frame, unsigned items)
{
    struct meter *meter = meter_new(items);
    struct measurements found;

    meter_add(meter, frame);
    found = meter_read(meter);
    meter_free(meter);
    av_frame_free(&frame);
    return found;
}

static bool close_to(double value, double expected)
{
    return fabs(value - expected) < 1e-4;
}

static void test_meter_reads_every_format_alike(void **state)
{
    static const enum AVSampleFormat formats[] = { AV_SAMPLE_FMT_S16, AV_SAMPLE_FMT_S16P,
                                                   AV_SAMPLE_FMT_S32, AV_SAMPLE_FMT_S32P,
                                                   AV_SAMPLE_FMT_FLT, AV_SAMPLE_FMT_FLTP,
                                                   AV_SAMPLE_FMT_DBL, AV_SAMPLE_FMT_DBLP };

    (void)state;
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        AVFrame *frame = frame_of(formats[i], 2, 1600);
        bool planar = av_sample_fmt_is_planar(formats[i]);
        struct measurements found;

        print_message("case: %s\n", av_get_sample_fmt_name(formats[i]));
        /* Half of full scale in the second channel, for the first half of it. */
        for (int j = 0; j < 800; j++) {
            uint8_t *data = frame->extended_data[planar ? 1 : 0];
            int at = planar ? j : 2 * j + 1;

            switch (av_get_packed_sample_fmt(formats[i])) {
            case AV_SAMPLE_FMT_S16:
                ((int16_t *)data)[at] = 1 << 14;
                break;
            case AV_SAMPLE_FMT_S32:
                ((int32_t *)data)[at] = 1 << 30;
                break;
            case AV_SAMPLE_FMT_FLT:
                ((float *)data)[at] = 0.5F;
                break;
            default:
                ((double *)data)[at] = 0.5;
            }
        }
        found = measure(frame, MEASURE_PEAK | MEASURE_RMS | MEASURE_CLIPPING | MEASURE_SILENCE |
                                   MEASURE_DC | MEASURE_DURATION);
        assert_true(close_to(found.duration_s, 0.2));
        assert_true(close_to(found.peak_dbfs, 20 * log10(0.5)));
        assert_true(close_to(found.rms_dbfs, 10 * log10(0.25 / 4)));
        assert_true(close_to(found.dc_offset, 0.25));
        assert_true(close_to(found.silent_share, 0.5));
        assert_int_equal(found.clipped, 0);
    }
}

static void test_meter_counts_both_ends_of_the_scale(void **state)
{
    AVFrame *frame = frame_of(AV_SAMPLE_FMT_S32, 1, 100);
    int32_t *samples = (int32_t *)frame->data[0];

    (void)state;
    samples[0] = INT32_MAX;
    samples[1] = INT32_MIN;
    samples[2] = 0x7fffff00; /* the top of 24 bits */
    samples[3] = 0x7ffffe00;
    assert_int_equal(measure(frame, MEASURE_CLIPPING).clipped, 3);

    frame = frame_of(AV_SAMPLE_FMT_FLT, 1, 100);
    ((float *)frame->data[0])[0] = 1;
    ((float *)frame->data[0])[1] = -1.5F;
    ((float *)frame->data[0])[2] = 0.999F;
    assert_int_equal(measure(frame, MEASURE_CLIPPING).clipped, 2);
}

static void test_meter_passes_over_short_pauses(void **state)
{
    AVFrame *frame = frame_of(AV_SAMPLE_FMT_S16, 1, 8000);
    int16_t *samples = (int16_t *)frame->data[0];

    (void)state;
    for (int i = 0; i < 8000; i++)
        samples[i] = 1000;
    for (int i = 0; i < 799; i++)
        samples[i] = 32;
    for (int i = 2000; i < 2800; i++)
        samples[i] = -32;
    assert_true(close_to(measure(frame, MEASURE_SILENCE).silent_share, 0.1));
}

static void test_meter_has_no_levels_of_silence_and_of_nothing(void **state)
{
    struct meter *meter = meter_new(ALL);
    struct measurements found = meter_read(meter);

    (void)state;
    meter_free(meter);
    assert_false(isfinite(found.rms_dbfs));
    assert_false(isfinite(found.silent_share));
    assert_false(isfinite(found.loudness_lufs));
    found = measure(frame_of(AV_SAMPLE_FMT_S16P, 2, 8000), ALL);
    assert_int_equal(found.items, ALL);
    assert_false(isfinite(found.peak_dbfs));
    assert_false(isfinite(found.rms_dbfs));
    assert_false(isfinite(found.true_peak_dbtp));
    assert_false(isfinite(found.loudness_lufs));
}

static void test_meter_sees_a_true_peak_in_the_last_sample(void **state)
{
    (void)state;
    for (int samples = 1; samples <= 1000; samples += 999) {
        AVFrame *frame = frame_of(AV_SAMPLE_FMT_FLT, 1, samples);

        ((float *)frame->data[0])[samples - 1] = 0.5F;
        assert_true(close_to(measure(frame, MEASURE_TRUE_PEAK).true_peak_dbtp, -6.0206));
    }
}

static void test_meter_leaves_frames_as_they_are(void **state)
{
    AVFrame *frame = frame_of(AV_SAMPLE_FMT_S16, 1, 8000);
    AVFrame *copy = av_frame_clone(frame);
    struct meter *meter = meter_new(ALL);

    (void)state;
    frame->pts = 5;
    meter_add(meter, frame);
    assert_int_equal(frame->pts, 5);
    assert_int_equal(frame->nb_samples, 8000);
    assert_ptr_equal(frame->data[0], copy->data[0]);
    assert_memory_equal(frame->data[0], copy->data[0], 16000);
    assert_null(frame->metadata);
    meter_free(meter);
    av_frame_free(&copy);
    av_frame_free(&frame);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_meter_reads_every_format_alike),
        cmocka_unit_test(test_meter_counts_both_ends_of_the_scale),
        cmocka_unit_test(test_meter_passes_over_short_pauses),
        cmocka_unit_test(test_meter_has_no_levels_of_silence_and_of_nothing),
        cmocka_unit_test(test_meter_sees_a_true_peak_in_the_last_sample),
        cmocka_unit_test(test_meter_leaves_frames_as_they_are),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
