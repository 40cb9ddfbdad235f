/* SPDX-License-Identifier: MIT */

/* media/time_math.h against libavutil's own arithmetic. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <libavutil/avutil.h>

#include "media/time_math.h"

static const AVRational bases[] = {
    { 1, 48000 },
    { 1, 44100 },
    { 1, 14112000 },
    { 1, 1000000 },
    { 1, 90000 },
    { 1001, 30000 },
    { 1, 1 },
    { 1, 1000 },
    { 125, 2997 },
    { 1, INT32_MAX },
    { INT32_MAX, 1 },
    { 90000, 1 },
    { INT32_MAX, INT32_MAX - 1 },
};

static const int64_t times[] = {
    0,
    1,
    2,
    23,
    1151,
    1152,
    1000000,
    155232000,
    INT32_MAX - 1,
    INT32_MAX,
    INT32_MAX + INT64_C(1),
    INT64_C(1) << 40,
    INT64_MAX - 1,
    INT64_MAX,
};

static void check_rescale(AVRational from, AVRational to)
{
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        assert_int_equal(time_rescale(times[i], from, to), av_rescale_q(times[i], from, to));
        assert_int_equal(time_rescale(-times[i], from, to), av_rescale_q(-times[i], from, to));
    }
    assert_int_equal(time_rescale(AV_NOPTS_VALUE, from, to),
                     av_rescale_q(AV_NOPTS_VALUE, from, to));
}

static void test_time_rescale_is_av_rescale_q(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
        for (size_t j = 0; j < sizeof(bases) / sizeof(bases[0]); j++)
            check_rescale(bases[i], bases[j]);
    }
}

static void check_packet(AVRational from, AVRational to, int64_t time)
{
    AVPacket *ours = av_packet_alloc();
    AVPacket *theirs = av_packet_alloc();

    assert_true(ours && theirs);
    ours->pts = theirs->pts = time;
    ours->dts = theirs->dts = -time;
    ours->duration = theirs->duration = time;
    time_rescale_packet(ours, from, to);
    av_packet_rescale_ts(theirs, from, to);
    assert_int_equal(ours->pts, theirs->pts);
    assert_int_equal(ours->dts, theirs->dts);
    assert_int_equal(ours->duration, theirs->duration);
    av_packet_free(&ours);
    av_packet_free(&theirs);
}

static void test_time_rescale_packet_is_av_packet_rescale_ts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        check_packet((AVRational){ 1, 48000 }, (AVRational){ 1, 48000 }, times[i]);
        check_packet((AVRational){ 1, 48000 }, (AVRational){ 1, 1000 }, times[i]);
    }
    check_packet((AVRational){ 1, 48000 }, (AVRational){ 1, 48000 }, AV_NOPTS_VALUE + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_time_rescale_is_av_rescale_q),
        cmocka_unit_test(test_time_rescale_packet_is_av_packet_rescale_ts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
