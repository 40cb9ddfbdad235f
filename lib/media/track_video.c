/* SPDX-License-Identifier: MIT */

/* Encodes pictures as often as the result's rate wants them. */

#include "media/track_video.h"

#include <math.h>

#include <libavfilter/buffersink.h>
#include <libavutil/mathematics.h>

#include "media/encoder_video.h"
#include "media/libav_compat.h"
#include "media/recipe_fields.h"
#include "media/recipe_values.h"

void track_video_init(struct track *track)
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

/* In ticks of the encoder: from the frame rate, or better from the frame itself. */
static double duration_of(const struct track *track, const AVFrame *picture)
{
    const struct source *source = track->source;
    AVRational rate = av_buffersink_get_frame_rate(track_sink(track));
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
        if (!track_is_in_time(track, sync->next_pts))
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

bool track_video_encode(struct track *track, struct error *err)
{
    AVFrame *picture = track->filtered;
    struct video_sync_verdict verdict;
    double time = 0;

    if (!track->encoder.aspect.num)
        track->encoder.context->sample_aspect_ratio = picture->sample_aspect_ratio;
    if (picture->pts != AV_NOPTS_VALUE)
        time = video_sync_time(picture->pts, av_buffersink_get_time_base(track_sink(track)),
                               track_start_us(track), track->encoder.context->time_base);
    verdict = video_sync_next(&track->sync, time, duration_of(track, picture));
    if (!verdict.passes)
        track->keys.dropped = track->sync.dropped && libav_frame_is_key(picture);
    return encode_pictures(track, verdict, picture, err);
}

bool track_video_end(struct track *track, struct error *err)
{
    return encode_pictures(track, video_sync_end(&track->sync), NULL, err);
}
