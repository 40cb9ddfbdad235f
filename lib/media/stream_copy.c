/* SPDX-License-Identifier: MIT */

/* Copies packets. */

#include "media/stream_copy.h"

#include <string.h>

#include <libavutil/mathematics.h>
#include <libavutil/opt.h>
#include <libavutil/parseutils.h>

#include "media/input_seek.h"
#include "media/libav.h"
#include "media/libav_compat.h"
#include "media/output_write.h"
#include "media/recipe_fields.h"
#include "media/time_math.h"

/* The options of the recipe change the description only; packets stay as they are. */
static int apply_options(const struct track *track, const AVCodecParameters *from,
                         AVCodecParameters *to)
{
    const struct stream_place place = output_place(track->output, track->to);
    AVDictionary *options =
        recipe_codec_options(&track->output->recipe->output, NULL, &place, true);
    AVCodecContext *scratch = avcodec_alloc_context3(NULL);
    int status = scratch ? avcodec_parameters_to_context(scratch, from) : AVERROR(ENOMEM);

    if (status >= 0)
        status = av_opt_set_dict(scratch, &options);
    if (status >= 0)
        status = avcodec_parameters_from_context(to, scratch);
    av_dict_free(&options);
    avcodec_free_context(&scratch);
    return status;
}

/* The tag of another container may mean something else in this one. */
static uint32_t choose_tag(const AVOutputFormat *container, const AVCodecParameters *from)
{
    unsigned tag;

    if (!container->codec_tag ||
        av_codec_get_id(container->codec_tag, from->codec_tag) == from->codec_id ||
        !av_codec_get_tag2(container->codec_tag, from->codec_id, &tag))
        return from->codec_tag;
    return 0;
}

static bool copy_side_data(AVStream *to, const AVStream *from)
{
    for (int i = 0; i < libav_side_data_count(from); i++) {
        const AVPacketSideData *data = libav_side_data(from, i);
        uint8_t *copy;

        /* A matrix that the recipe has set stays. */
        if (data->type == AV_PKT_DATA_DISPLAYMATRIX && libav_side_data_count(to) > 0)
            continue;
        copy = libav_add_side_data(to, data);
        if (!copy)
            return false;
        memcpy(copy, data->data, data->size);
    }
    return true;
}

static void describe_sound(AVCodecParameters *parameters)
{
    int block = parameters->block_align;

    if (parameters->codec_id == AV_CODEC_ID_AC3 ||
        (parameters->codec_id == AV_CODEC_ID_MP3 && (block == 1 || block == 1152 || block == 576)))
        parameters->block_align = 0;
}

static void describe_pictures(const struct track *track, const AVStream *from)
{
    const char *aspect = output_setting(track->output, track->to, RECIPE_ASPECT);
    AVStream *to = track->to->stream;
    AVRational ratio = from->sample_aspect_ratio;

    if (!ratio.num)
        ratio = to->codecpar->sample_aspect_ratio;
    if (aspect && av_parse_ratio(&ratio, aspect, 255, 0, NULL) >= 0)
        ratio = av_mul_q(ratio, (AVRational){ to->codecpar->height, to->codecpar->width });
    to->sample_aspect_ratio = to->codecpar->sample_aspect_ratio = ratio;
    to->avg_frame_rate = from->avg_frame_rate;
    to->r_frame_rate = from->r_frame_rate;
}

static void set_rate(const struct track *track, const AVStream *from)
{
    const char *rate = output_setting(track->output, track->to, RECIPE_FRAME_RATE);
    AVRational forced = track->source->stream->frame_rate;
    AVStream *to = track->to->stream;

    if (rate)
        av_parse_video_rate(&forced, rate);
    to->avg_frame_rate = forced.num ? forced : from->avg_frame_rate;
}

bool stream_copy_open(struct track *track, struct error *err)
{
    const AVOutputFormat *container = track->output->format->oformat;
    const AVStream *from = track->source->stream->stream;
    AVStream *to = track->to->stream;
    uint32_t tag = to->codecpar->codec_tag;
    int status = apply_options(track, from->codecpar, to->codecpar);

    if (status < 0)
        return libav_error(err, status, "copy the description of stream %d", from->index);
    to->codecpar->codec_tag = tag ? tag : choose_tag(container, to->codecpar);
    set_rate(track, from);
    status = libav_copy_timing(container, to, from, (int)track->output->recipe->copy_time_base);
    if (status < 0)
        return libav_error(err, status, "copy the pace of stream %d", from->index);
    if (to->duration <= 0 && from->duration > 0)
        to->duration = av_rescale_q(from->duration, from->time_base, to->time_base);
    if (!copy_side_data(to, from))
        return libav_error(err, AVERROR(ENOMEM), "copy the description of stream %d", from->index);
    if (to->codecpar->codec_type == AVMEDIA_TYPE_AUDIO)
        describe_sound(to->codecpar);
    else if (to->codecpar->codec_type == AVMEDIA_TYPE_VIDEO)
        describe_pictures(track, from);
    track->to->base = from->time_base;
    return output_ready(track->output, track->to, err);
}

static double option(const struct track *track, enum recipe_key key, double fallback)
{
    return output_number(track->output, track->to, key, fallback);
}

/* Most streams can only begin with a key frame; -copypriorss 0 also cuts exactly. */
static bool may_start(const struct track *track, const AVPacket *packet, int64_t start_us)
{
    const struct input_stream *stream = track->source->stream;
    const struct input *input = stream->input;

    if (!(packet->flags & AV_PKT_FLAG_KEY) && option(track, RECIPE_COPY_LEADING, 0) == 0)
        return false;
    if (option(track, RECIPE_COPY_EARLY, -1) != 0)
        return true;
    if (input->recipe->copies_times && input->start_us != AV_NOPTS_VALUE &&
        time_plus(input->start_us, input->ts_offset) > start_us)
        start_us = time_plus(input->start_us, input->ts_offset);
    if (packet->pts == AV_NOPTS_VALUE)
        return stream->timeline.pts >= start_us;
    return packet->pts >= av_rescale_q(start_us, AV_TIME_BASE_Q, stream->stream->time_base);
}

/* -t of the result and of the input. */
static bool is_in_time(const struct track *track, int64_t start_us)
{
    const struct input *input = track->source->stream->input;
    int64_t reached = track->source->stream->timeline.pts;

    if (track->output->duration_us != INT64_MAX &&
        reached >= time_plus(track->output->duration_us, start_us))
        return false;
    return input->file->duration_us == INT64_MAX ||
           reached < time_plus(input->file->duration_us, input_seek_trim_start(input));
}

static int64_t sound_time(const struct track *track, const AVPacket *packet)
{
    struct input_stream *stream = track->source->stream;
    AVCodecParameters *parameters = stream->stream->codecpar;
    int length = av_get_audio_frame_duration2(parameters, packet->size);

    if (!length)
        length = parameters->frame_size;
    return av_rescale_delta(stream->stream->time_base, packet->dts,
                            (AVRational){ 1, parameters->sample_rate }, length,
                            &stream->timeline.delta_state, track->to->base);
}

static void set_times(struct track *track, const AVPacket *packet, int64_t start_us)
{
    const struct input_stream *stream = track->source->stream;
    AVRational from = stream->stream->time_base;
    AVRational to = track->to->base;
    int64_t start = av_rescale_q(start_us, AV_TIME_BASE_Q, to);
    AVPacket *copy = track->packet;

    if (packet->pts != AV_NOPTS_VALUE)
        copy->pts = time_minus(av_rescale_q(packet->pts, from, to), start);
    if (packet->dts == AV_NOPTS_VALUE) {
        copy->dts = av_rescale_q(stream->timeline.dts, AV_TIME_BASE_Q, to);
    } else if (stream->stream->codecpar->codec_type == AVMEDIA_TYPE_AUDIO &&
               stream->stream->codecpar->sample_rate > 0) {
        copy->dts = sound_time(track, packet);
        copy->pts = time_minus(copy->dts, start);
    } else {
        copy->dts = av_rescale_q(packet->dts, from, to);
    }
    copy->dts = time_minus(copy->dts, start);
    copy->duration = av_rescale_q(packet->duration, from, to);
}

bool stream_copy_packet(struct track *track, const AVPacket *packet, struct error *err)
{
    int64_t given_us = track->output->start_us;
    int64_t start_us = given_us == AV_NOPTS_VALUE ? 0 : given_us;

    if (track->sealed ||
        (given_us != AV_NOPTS_VALUE && track->source->stream->timeline.pts < given_us))
        return true;
    if (!packet)
        return output_write(track->output, track->to, NULL, err);
    if (!track->started && !may_start(track, packet, start_us))
        return true;
    if (!is_in_time(track, start_us)) {
        track_finish(track);
        return true;
    }
    if (av_packet_ref(track->packet, packet) < 0)
        return libav_error(err, AVERROR(ENOMEM), "copy a packet");
    set_times(track, packet, start_us);
    track->next_pts = time_plus(track->next_pts, track->packet->duration);
    track->started = true;
    return output_write(track->output, track->to, track->packet, err);
}
