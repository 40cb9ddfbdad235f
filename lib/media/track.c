/* SPDX-License-Identifier: MIT */

/* Encodes frames into one stream of the result in ffmpeg's order. */

#include "media/track.h"

#include <math.h>

#include <libavfilter/buffersink.h>
#include <libavutil/mathematics.h>

#include "media/encoder_video.h"
#include "media/libav.h"
#include "media/libav_compat.h"
#include "media/recipe_fields.h"
#include "media/recipe_values.h"
#include "media/stream_copy.h"
#include "media/subtitle.h"
#include "media/time_math.h"

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

static void init_sync(struct track *track)
{
    const struct input *input = track->source ? track->source->stream->input : NULL;
    const struct recipe *recipe = track->output->recipe;
    const char *mode = output_setting(track->output, track->to, RECIPE_SYNC_MODE);
    struct video_sync_rules rules = {
        .container = track->output->format->oformat,
        .input_is_one_stream = input && input->stream_count == 1 && input->file->ts_offset_us == 0,
        .copies_times = recipe->copies_times,
        .drop_threshold = recipe->drop_threshold,
        .limit = track->to->frame_limit,
        .gap_s = recipe->error_threshold_s,
    };

    if (recipe->sync)
        recipe_sync_method(recipe->sync, true, &rules.method);
    if (mode)
        recipe_sync_method(mode, false, &rules.method);
    video_sync_init(&track->sync, &rules);
    track->to->drops_times = track->sync.method == VIDEO_SYNC_DROP;
    track->encoder.constant_rate = video_sync_is_constant(&track->sync);
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
        init_sync(track);
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

static AVFilterContext *sink_of(const struct track *track)
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

/* Whether the result may still take something at this time; -t ends it. */
static bool is_in_time(struct track *track, int64_t pts)
{
    int64_t duration_us = track->output->duration_us;

    if (duration_us == INT64_MAX ||
        av_compare_ts(pts, track->encoder.context->time_base, duration_us, AV_TIME_BASE_Q) < 0)
        return true;
    track_finish(track);
    return false;
}

static int64_t start_of(const struct track *track)
{
    return track->output->start_us == AV_NOPTS_VALUE ? 0 : track->output->start_us;
}

static bool encode_audio(struct track *track, struct error *err)
{
    AVFrame *frame = track->filtered;
    AVRational base = track->encoder.context->time_base;

    if (frame->pts != AV_NOPTS_VALUE)
        frame->pts =
            time_minus(av_rescale_q(frame->pts, av_buffersink_get_time_base(sink_of(track)), base),
                       av_rescale_q(start_of(track), AV_TIME_BASE_Q, base));
    if (!is_in_time(track, track->next_pts))
        return true;
    if (frame->pts == AV_NOPTS_VALUE || track->output->recipe->async < 0)
        frame->pts = track->next_pts;
    track->next_pts = time_plus(frame->pts, frame->nb_samples);
    if (track->meter)
        meter_add(track->meter, frame);
    return output_goes_on(track->output, track_written_us(track), err) &&
           encoder_encode(&track->encoder, frame, err);
}

/* In ticks of the encoder: from the frame rate, or better from the frame itself. */
static double duration_of(const struct track *track, const AVFrame *picture)
{
    const struct source *source = track->source;
    AVRational rate = av_buffersink_get_frame_rate(sink_of(track));
    AVRational forced = track->encoder.frame_rate;
    double tick = av_q2d(track->encoder.context->time_base);
    double duration = 0;
    double own;

    if (rate.num > 0 && rate.den > 0)
        duration = 1 / (av_q2d(rate) * tick);
    if (!source)
        return duration;
    if (source->stream->stream->start_time != AV_NOPTS_VALUE && forced.num)
        duration = fmin(duration, 1 / (av_q2d(forced) * tick));
    if (!track->filter_is_plain)
        return duration;
    own = rint((double)libav_frame_duration(picture) * av_q2d(source->stream->stream->time_base) /
               tick);
    return own > 0 ? own : duration;
}

/* How long the pictures so far are, without gaps between them, which cost nothing. */
static int64_t shown_us(const struct track *track)
{
    AVRational rate = track->encoder.frame_rate;

    return rate.num > 0 ? av_rescale_q(track->sync.pictures, av_inv_q(rate), AV_TIME_BASE_Q)
                        : track_written_us(track);
}

static bool encode_pictures(struct track *track, struct video_sync_verdict verdict,
                            AVFrame *picture, struct error *err)
{
    struct video_sync *sync = &track->sync;
    AVCodecContext *context = track->encoder.context;
    bool ok = true;

    if (verdict.passes)
        return true;
    for (int64_t i = 0; ok && i < verdict.count; i++) {
        AVFrame *frame =
            i < verdict.previous && track->previous->buf[0] ? track->previous : picture;

        if (!frame)
            return true;
        frame->pts = sync->next_pts;
        if (!is_in_time(track, sync->next_pts))
            return true;
        frame->quality = context->global_quality;
        frame->pict_type = key_frames_forces(&track->keys, frame, context->time_base, i > 0)
                               ? AV_PICTURE_TYPE_I
                               : AV_PICTURE_TYPE_NONE;
        encoder_video_mark_fields(&track->encoder, frame);
        ok = output_goes_on(track->output, shown_us(track), err) &&
             encoder_encode(&track->encoder, frame, err);
        sync->next_pts++;
        sync->pictures++;
    }
    av_frame_unref(track->previous);
    if (picture)
        av_frame_move_ref(track->previous, picture);
    return ok;
}

static bool encode_video(struct track *track, struct error *err)
{
    AVFrame *picture = track->filtered;
    struct video_sync_verdict verdict;
    double time = 0;

    if (!open_encoder(track, picture, err))
        return false;
    if (!track->encoder.aspect.num)
        track->encoder.context->sample_aspect_ratio = picture->sample_aspect_ratio;
    if (picture->pts != AV_NOPTS_VALUE)
        time = video_sync_time(picture->pts, av_buffersink_get_time_base(sink_of(track)),
                               start_of(track), track->encoder.context->time_base);
    verdict = video_sync_next(&track->sync, time, duration_of(track, picture));
    if (!verdict.passes)
        track->keys.dropped = track->sync.dropped && libav_frame_is_key(picture);
    return encode_pictures(track, verdict, picture, err);
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
            ok = is_audio(track) ? encode_audio(track, err) : encode_video(track, err);
        av_frame_unref(track->filtered);
        if (!ok)
            return false;
    }
    if (ending && status == AVERROR_EOF && !is_audio(track) && track->encoder.open)
        return encode_pictures(track, video_sync_end(&track->sync), NULL, err);
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
    return av_rescale_q(track->to->last_dts, track->to->stream->time_base, AV_TIME_BASE_Q);
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
    return av_rescale_q(encoder->context->codec_type == AVMEDIA_TYPE_AUDIO ? encoder->samples
                                                                           : track->sync.next_pts,
                        encoder->context->time_base, AV_TIME_BASE_Q);
}
