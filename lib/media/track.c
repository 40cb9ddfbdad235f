/* SPDX-License-Identifier: MIT */

/* Encodes frames into one stream of the result in ffmpeg's order. */

#include "media/track.h"

#include <libavfilter/buffersink.h>
#include <libavutil/mathematics.h>

#include "media/libav.h"
#include "media/recipe_fields.h"
#include "media/stream_copy.h"
#include "media/subtitle.h"
#include "media/time_math.h"
#include "media/track_video.h"

static bool choose_kind(struct track *track, const AVCodec **codec, struct error *err)
{
    const struct stream_place place = output_place(track->output, track->to);
    bool copies;

    *codec = recipe_encoder(track->output->recipe, &place, &copies, err);
    track->to->copies = copies;
    if (!*codec && !copies)
        return false;
    if (place.stream->codecpar->codec_type == AVMEDIA_TYPE_ATTACHMENT)
        track->kind = TRACK_ATTACHED;
    else if (copies)
        track->kind = TRACK_COPIED;
    else if ((*codec)->type == AVMEDIA_TYPE_SUBTITLE)
        track->kind = TRACK_SUBTITLE;
    return true;
}

bool track_init(struct track *track, struct output *output, enum AVMediaType type,
                struct source *source, struct error *err)
{
    const AVCodec *codec;

    *track = (struct track){
        .output = output,
        .source = source,
        .filtered = av_frame_alloc(),
        .previous = av_frame_alloc(),
        .packet = av_packet_alloc(),
    };
    if (!track->filtered || !track->previous || !track->packet)
        return libav_error(err, AVERROR(ENOMEM), "prepare a stream");
    track->to = output_add(output, type, source ? source->stream : NULL, err);
    if (!track->to || !choose_kind(track, &codec, err))
        return false;
    if (source) {
        source->used = true;
        source->decodes |= track->kind == TRACK_FILTERED || track->kind == TRACK_SUBTITLE;
        source->converts |= track->kind == TRACK_SUBTITLE;
    }
    track->finished = track->sealed = track->kind == TRACK_ATTACHED;
    return track->to->copies || encoder_init(&track->encoder, codec, output, track->to, err);
}

void track_release(struct track *track)
{
    encoder_release(&track->encoder);
    key_frames_release(&track->keys);
    meter_free(track->meter);
    av_frame_free(&track->filtered);
    av_frame_free(&track->previous);
    av_packet_free(&track->packet);
}

static bool is_audio(const struct track *track)
{
    return track->encoder.context->codec_type == AVMEDIA_TYPE_AUDIO;
}

bool track_connect(struct track *track, struct filter *filter, unsigned output, bool plain,
                   struct error *err)
{
    struct filter_target target;

    track->filter = filter;
    track->filter_output = output;
    track->filter_is_plain = plain;
    if (is_audio(track))
        track->to->drops_times = track->output->recipe->async < 0;
    else
        track_video_init(track);
    if (!encoder_target(&track->encoder, &target, err))
        return false;
    filter_set_target(filter, output, &target);
    return true;
}

bool track_open(struct track *track, struct error *err)
{
    switch (track->kind) {
    case TRACK_COPIED:
    case TRACK_ATTACHED:
        /* What comes from no input is described already. */
        return track->source ? stream_copy_open(track, err)
                             : output_ready(track->output, track->to, err);
    case TRACK_SUBTITLE:
        return subtitle_open(track, err);
    case TRACK_FILTERED:
        break;
    }
    return true;
}

AVFilterContext *track_sink(const struct track *track)
{
    return track->filter->outputs[track->filter_output].sink;
}

static bool open_encoder(struct track *track, const AVFrame *first, struct error *err)
{
    const struct encoder_source source = {
        .filter = track->filter,
        .output = track->filter_output,
        .decoder = track->source ? track->source->decoder.context : NULL,
    };

    if (track->encoder.open)
        return true;
    if (!encoder_open(&track->encoder, &source, first, err))
        return false;
    return is_audio(track) ||
           key_frames_init(&track->keys,
                           output_setting(track->output, track->to, RECIPE_KEY_FRAMES),
                           track->output->format, track->encoder.context->time_base, err);
}

bool track_open_sound(struct track *track, struct error *err)
{
    return !is_audio(track) || open_encoder(track, NULL, err);
}

/* -shortest: the other streams may not get longer than this one. */
static void shorten(const struct track *track)
{
    AVRational base = track->to->copies ? track->to->base : track->encoder.context->time_base;
    int64_t pts =
        track->kind == TRACK_FILTERED && !is_audio(track) ? track->sync.next_pts : track->next_pts;
    int64_t end;

    if (!track->output->recipe->output.shortest || base.num <= 0 || base.den <= 0)
        return;
    end = av_rescale_q(pts, base, AV_TIME_BASE_Q);
    if (end < track->output->duration_us)
        track->output->duration_us = end;
}

void track_finish(struct track *track)
{
    track->finished = true;
    shorten(track);
}

void track_seal(struct track *track)
{
    track->sealed = true;
    track_finish(track);
}

bool track_is_in_time(struct track *track, int64_t pts)
{
    int64_t duration_us = track->output->duration_us;

    if (duration_us == INT64_MAX ||
        av_compare_ts(pts, track->encoder.context->time_base, duration_us, AV_TIME_BASE_Q) < 0)
        return true;
    track_finish(track);
    return false;
}

int64_t track_start_us(const struct track *track)
{
    return track->output->start_us == AV_NOPTS_VALUE ? 0 : track->output->start_us;
}

static bool encode_audio(struct track *track, struct error *err)
{
    AVFrame *frame = track->filtered;
    AVRational base = track->encoder.context->time_base;

    if (frame->pts != AV_NOPTS_VALUE)
        frame->pts = time_minus(
            time_rescale(frame->pts, av_buffersink_get_time_base(track_sink(track)), base),
            time_rescale(track_start_us(track), AV_TIME_BASE_Q, base));
    if (!track_is_in_time(track, track->next_pts))
        return true;
    if (frame->pts == AV_NOPTS_VALUE || track->output->recipe->async < 0)
        frame->pts = track->next_pts;
    track->next_pts = time_plus(frame->pts, frame->nb_samples);
    if (track->meter)
        meter_add(track->meter, frame);
    return output_goes_on(track->output, track_written_us(track), err) &&
           encoder_encode(&track->encoder, frame, err);
}

bool track_collect(struct track *track, bool ending, struct error *err)
{
    int status;

    if (track->kind != TRACK_FILTERED || !track->filter->graph)
        return true;
    if (!track_open_sound(track, err))
        return false;
    for (;;) {
        bool ok = true;

        status = filter_pull(track->filter, track->filter_output, track->filtered);
        if (status < 0)
            break;
        if (!track->finished)
            ok = is_audio(track)
                     ? encode_audio(track, err)
                     : open_encoder(track, track->filtered, err) && track_video_encode(track, err);
        av_frame_unref(track->filtered);
        if (!ok)
            return false;
    }
    if (ending && status == AVERROR_EOF && !is_audio(track) && track->encoder.open)
        return track_video_end(track, err);
    return true;
}

bool track_is_full(const struct track *track)
{
    int64_t frames = track->kind == TRACK_FILTERED && !is_audio(track) ? track->sync.pictures
                                                                       : track->to->frames;

    return frames >= track->to->frame_limit;
}

int64_t track_position(const struct track *track)
{
    if (track->to->last_dts == AV_NOPTS_VALUE)
        return INT64_MIN;
    return time_rescale(track->to->last_dts, track->to->stream->time_base, AV_TIME_BASE_Q);
}

bool track_drain(struct track *track, struct error *err)
{
    struct filter *filter = track->filter;

    if (track->kind != TRACK_FILTERED)
        return true;
    if (!track->encoder.open) {
        for (unsigned i = 0; !filter->graph && i < filter->input_count; i++) {
            if (filter->inputs[i].shape.format < 0)
                filter_shape_from_stream(filter, i);
        }
        if (!filter->graph && !filter_knows_shapes(filter))
            return true;
        if (!filter->graph && !filter_configure(filter, err))
            return false;
        if (!open_encoder(track, NULL, err))
            return false;
    }
    return encoder_encode(&track->encoder, NULL, err);
}

int64_t track_written_us(const struct track *track)
{
    const struct encoder *encoder = &track->encoder;

    if (track->kind == TRACK_COPIED && track->to->base.num > 0)
        return av_rescale_q(track->next_pts, track->to->base, AV_TIME_BASE_Q);
    if (track->kind != TRACK_FILTERED || !encoder->open)
        return 0;
    return time_rescale(encoder->context->codec_type == AVMEDIA_TYPE_AUDIO ? encoder->samples
                                                                           : track->sync.next_pts,
                        encoder->context->time_base, AV_TIME_BASE_Q);
}
