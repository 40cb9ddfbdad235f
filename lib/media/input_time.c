/* SPDX-License-Identifier: MIT */

/* ffmpeg's timestamp corrections between demuxer and decoder. */

#include "media/input_time.h"

#include <inttypes.h>
#include <math.h>

#include <libavutil/avutil.h>
#include <libavutil/mathematics.h>

#include "base/log.h"
#include "media/input_loop.h"
#include "media/recipe_fields.h"
#include "media/time_math.h"

static int64_t to_stream(const AVStream *stream, int64_t time)
{
    return time_rescale(time, AV_TIME_BASE_Q, stream->time_base);
}

static int64_t from_stream(const AVStream *stream, int64_t time)
{
    return av_rescale_q_rnd(time, stream->time_base, AV_TIME_BASE_Q,
                            AV_ROUND_NEAR_INF | AV_ROUND_PASS_MINMAX);
}

static bool is_timed(const AVStream *stream)
{
    return stream->codecpar->codec_type == AVMEDIA_TYPE_AUDIO ||
           stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO;
}

static bool is_beyond(int64_t delta, double limit_s)
{
    double limit = limit_s * AV_TIME_BASE;

    return (double)delta < -limit || (double)delta > limit;
}

/* The container's start time counts streams we do not use; begin with the first we do. */
static void correct_start(struct input *input, const struct input_stream *stream)
{
    const AVFormatContext *format = input->format;
    int64_t start = INT64_MAX;

    if (stream->timeline.next_dts != AV_NOPTS_VALUE ||
        input->ts_offset != time_minus(0, format->start_time) ||
        !(format->iformat->flags & AVFMT_TS_DISCONT))
        return;
    for (unsigned i = 0; i < format->nb_streams; i++) {
        const AVStream *other = format->streams[i];
        int64_t begins;

        if (other->discard == AVDISCARD_ALL || other->start_time == AV_NOPTS_VALUE)
            continue;
        begins = av_rescale_q(other->start_time, other->time_base, AV_TIME_BASE_Q);
        if (begins < start)
            start = begins;
    }
    if (start > format->start_time)
        input->ts_offset = time_minus(0, start);
}

static bool unwrap(int64_t *time, int64_t start, int bits)
{
    if (*time == AV_NOPTS_VALUE || *time <= time_plus(start, INT64_C(1) << (bits - 1)))
        return false;
    *time = time_minus(*time, (int64_t)(UINT64_C(1) << bits));
    return true;
}

static void correct_wrap(struct input *input, struct input_stream *stream, AVPacket *packet)
{
    int bits = stream->stream->pts_wrap_bits;
    int64_t start;
    bool again;

    if (stream->wrap_corrected || input->format->start_time == AV_NOPTS_VALUE || bits >= 64)
        return;
    correct_start(input, stream);
    start = to_stream(stream->stream, input->format->start_time);
    stream->wrap_corrected = true;
    if (time_plus(start, (int64_t)(UINT64_C(1) << bits)) <= start || bits < 1)
        return;
    again = unwrap(&packet->dts, start, bits);
    if (unwrap(&packet->pts, start, bits) || again)
        stream->wrap_corrected = false;
}

static void shift(AVPacket *packet, int64_t offset)
{
    if (packet->dts != AV_NOPTS_VALUE)
        packet->dts = time_plus(packet->dts, offset);
    if (packet->pts != AV_NOPTS_VALUE)
        packet->pts = time_plus(packet->pts, offset);
}

static void close_jump(struct input *input, const AVStream *stream, AVPacket *packet, int64_t delta)
{
    input->ts_offset = time_minus(input->ts_offset, delta);
    shift(packet, time_minus(0, to_stream(stream, delta)));
}

/* A container whose times may jump (MPEG-TS, Ogg): the streams begin together, near zero. */
static void join_streams(struct input *input, const struct input_stream *stream, AVPacket *packet)
{
    int64_t delta = time_minus(from_stream(stream->stream, packet->dts), input->last_ts);

    if (!input->recipe->copies_times && is_beyond(delta, input->recipe->jump_threshold_s))
        close_jump(input, stream->stream, packet, delta);
}

/* And they stay together. */
static void follow_jump(struct input *input, const struct input_stream *stream, AVPacket *packet)
{
    const struct timeline *timeline = &stream->timeline;
    int64_t dts = from_stream(stream->stream, packet->dts);
    int64_t reached = timeline->pts > timeline->dts ? timeline->pts : timeline->dts;
    int64_t delta = time_minus(dts, timeline->next_dts);

    if (is_beyond(delta, input->recipe->jump_threshold_s) ||
        time_plus(dts, AV_TIME_BASE / 10) < reached)
        close_jump(input, stream->stream, packet, delta);
}

/* Elsewhere a time that is more than a day off is noise. */
static void drop_nonsense(const struct input_stream *stream, double limit_s, AVPacket *packet)
{
    int64_t expected = stream->timeline.next_dts;
    int64_t pts;

    if (is_beyond(time_minus(from_stream(stream->stream, packet->dts), expected), limit_s))
        packet->dts = AV_NOPTS_VALUE;
    if (packet->pts == AV_NOPTS_VALUE)
        return;
    pts = time_rescale(packet->pts, stream->stream->time_base, AV_TIME_BASE_Q);
    if (is_beyond(time_minus(pts, expected), limit_s))
        packet->pts = AV_NOPTS_VALUE;
}

/* With -copyts jumps are kept, except where a counter has wrapped around. */
static bool keeps_jumps(const struct input *input, const struct input_stream *stream,
                        const AVPacket *packet)
{
    int bits = stream->stream->pts_wrap_bits;
    int64_t expected = stream->timeline.next_dts;
    int64_t wrapped;

    if (!input->recipe->copies_times)
        return false;
    if (expected == AV_NOPTS_VALUE || bits >= 60 || bits < 1 ||
        !(input->format->iformat->flags & AVFMT_TS_DISCONT))
        return true;
    wrapped = time_minus(from_stream(stream->stream, time_plus(packet->dts, INT64_C(1) << bits)),
                         expected);
    return fabs((double)wrapped) >=
           fabs((double)time_minus(from_stream(stream->stream, packet->dts), expected)) / 10;
}

static void scale(const struct input_stream *stream, AVPacket *packet)
{
    if (stream->time_scale == 1)
        return;
    if (packet->pts != AV_NOPTS_VALUE)
        packet->pts = (int64_t)((double)packet->pts * stream->time_scale);
    if (packet->dts != AV_NOPTS_VALUE)
        packet->dts = (int64_t)((double)packet->dts * stream->time_scale);
}

void input_time_correct(struct input *input, struct input_stream *stream, AVPacket *packet)
{
    bool jumps = input->format->iformat->flags & AVFMT_TS_DISCONT;
    bool begun = stream->timeline.next_dts != AV_NOPTS_VALUE;
    bool timed = is_timed(stream->stream) && packet->dts != AV_NOPTS_VALUE;

    correct_wrap(input, stream, packet);
    shift(packet, to_stream(stream->stream, input->ts_offset));
    scale(stream, packet);
    if (timed && !begun && jumps)
        join_streams(input, stream, packet);
    input_loop_shift(input, stream, packet);
    if (timed && begun && !keeps_jumps(input, stream, packet)) {
        if (jumps)
            follow_jump(input, stream, packet);
        else
            drop_nonsense(stream, input->recipe->error_threshold_s, packet);
    }
    if (packet->dts != AV_NOPTS_VALUE)
        input->last_ts = time_rescale(packet->dts, stream->stream->time_base, AV_TIME_BASE_Q);
}

/* Where two inputs say they begin, by the clock or else by their own times. */
static bool starts(const AVFormatContext *one, const AVFormatContext *other, int64_t *distance)
{
    if (one->start_time_realtime != AV_NOPTS_VALUE && other->start_time_realtime != AV_NOPTS_VALUE)
        *distance = time_minus(one->start_time_realtime, other->start_time_realtime);
    else if (one->start_time != AV_NOPTS_VALUE && other->start_time != AV_NOPTS_VALUE)
        *distance = time_minus(one->start_time, other->start_time);
    else
        return false;
    return true;
}

static int64_t begin_of(const struct input *input)
{
    return input->start_us == AV_NOPTS_VALUE ? 0 : input->start_us;
}

static void keep_distance(struct input *input, const struct input *from)
{
    int64_t distance;

    if (!starts(input->format, from->format, &distance)) {
        log_warning("-isync: it is not known where the inputs begin, so they are not synchronized");
        return;
    }
    if (!input->recipe->copies_times)
        distance = time_plus(distance, time_minus(begin_of(input), begin_of(from)));
    distance = time_plus(distance, from->file->ts_offset_us);
    input->ts_offset = time_plus(input->ts_offset, distance);
}

void input_time_sync(struct input_set *inputs)
{
    for (unsigned i = 0; i < inputs->count; i++) {
        struct input *input = &inputs->inputs[i];
        int64_t with = input->file->sync_with;
        int64_t next;

        if (with == -1 || with == i)
            continue;
        next = inputs->inputs[with].file->sync_with;
        if (next != -1 && next != with)
            log_warning("-isync: input %u is not synchronized with input %" PRId64
                        ", which follows another one itself",
                        i, with);
        else
            keep_distance(input, &inputs->inputs[with]);
    }
}
