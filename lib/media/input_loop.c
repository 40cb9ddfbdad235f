/* SPDX-License-Identifier: MIT */

/* Measures rounds as ffmpeg 5.1 does, so that the next one begins at the same time. */

#include "media/input_loop.h"

#include <libavutil/mathematics.h>

#include "media/time_math.h"

bool input_loop_is_due(const struct input *input)
{
    return input->loops_left != 0;
}

static bool has_decoded_sound(const struct input *input)
{
    for (unsigned i = 0; i < input->stream_count; i++) {
        if (input->streams[i].last_samples > 0)
            return true;
    }
    return false;
}

/* How long the last frame lasts, which lies behind the last time stamp. */
static int64_t last_frame(const struct input_stream *stream)
{
    AVRational base = stream->stream->time_base;

    if (stream->last_samples > 0)
        return av_rescale_q(stream->last_samples, (AVRational){ 1, stream->last_rate }, base);
    if (stream->frame_rate.num)
        return av_rescale_q(1, av_inv_q(stream->frame_rate), base);
    if (stream->stream->avg_frame_rate.num)
        return av_rescale_q(1, av_inv_q(stream->stream->avg_frame_rate), base);
    return 1;
}

static void measure(struct input *input)
{
    bool by_sound = has_decoded_sound(input);

    for (unsigned i = 0; i < input->stream_count; i++) {
        const struct input_stream *stream = &input->streams[i];
        AVRational base = stream->stream->time_base;
        int64_t length;

        if (by_sound && stream->last_samples == 0)
            continue;
        length = last_frame(stream);
        if (stream->max_pts > stream->min_pts)
            length = time_plus(length, time_minus(stream->max_pts, stream->min_pts));
        if (input->looped == 0 ||
            av_compare_ts(input->looped, input->looped_base, length, base) < 0) {
            input->looped = length;
            input->looped_base = base;
        }
    }
}

bool input_loop_rewind(struct input *input)
{
    int64_t start = input->format->start_time;

    if (avformat_seek_file(input->format, -1, INT64_MIN, start, start, 0) < 0) {
        av_log(input->format, AV_LOG_WARNING, "could not seek to the beginning for -stream_loop\n");
        return false;
    }
    measure(input);
    if (input->loops_left > 0)
        input->loops_left--;
    input->ended = false;
    return true;
}

void input_loop_shift(struct input *input, struct input_stream *stream, AVPacket *packet)
{
    int64_t length = time_rescale(input->looped, input->looped_base, stream->stream->time_base);

    if (packet->pts != AV_NOPTS_VALUE) {
        packet->pts = time_plus(packet->pts, length);
        if (packet->pts > stream->max_pts)
            stream->max_pts = packet->pts;
        if (packet->pts < stream->min_pts)
            stream->min_pts = packet->pts;
    }
    if (packet->dts != AV_NOPTS_VALUE)
        packet->dts = time_plus(packet->dts, length);
}
