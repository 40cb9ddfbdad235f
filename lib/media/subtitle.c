/* SPDX-License-Identifier: MIT */

/* Converts subtitles. */

#include "media/subtitle.h"

#include <string.h>

#include <libavutil/mathematics.h>
#include <libavutil/mem.h>
#include <libavutil/parseutils.h>

#include "media/libav.h"
#include "media/output_write.h"
#include "media/recipe_fields.h"
#include "media/time_math.h"

enum { MOST_BYTES = 1024 * 1024 };

int subtitle_kind(enum AVCodecID id)
{
    const AVCodecDescriptor *descriptor = avcodec_descriptor_get(id);

    return descriptor ? descriptor->props & (AV_CODEC_PROP_TEXT_SUB | AV_CODEC_PROP_BITMAP_SUB) : 0;
}

/* The header of the ASS that all text decoders make; the readers want it to end in NUL. */
static bool copy_header(AVCodecContext *to, const AVCodecContext *from)
{
    if (!from->subtitle_header)
        return true;
    to->subtitle_header = av_mallocz((size_t)from->subtitle_header_size + 1);
    if (!to->subtitle_header)
        return false;
    memcpy(to->subtitle_header, from->subtitle_header, (size_t)from->subtitle_header_size);
    to->subtitle_header_size = from->subtitle_header_size;
    return true;
}

bool subtitle_open(struct track *track, struct error *err)
{
    const char *size = output_setting(track->output, track->to, RECIPE_SIZE);
    const AVCodecContext *decoder = track->source->decoder.context;
    const AVCodecParameters *parameters = track->source->stream->stream->codecpar;
    AVCodecContext *context = track->encoder.context;
    int in = subtitle_kind(decoder->codec_id);
    int out = subtitle_kind(context->codec_id);

    if (in && out && in != out)
        return error_set(err, ERROR_MEDIA, "Media.Unsupported",
                         "stream %d: Subtitle encoding currently only possible from text to text "
                         "or bitmap to bitmap",
                         track->source->stream->stream->index);
    if (size)
        av_parse_video_size(&context->width, &context->height, size);
    context->time_base = AV_TIME_BASE_Q;
    if (!context->width) {
        context->width = parameters->width;
        context->height = parameters->height;
    }
    if (!copy_header(context, decoder))
        return libav_error(err, AVERROR(ENOMEM), "open a subtitle encoder");
    return encoder_open_context(&track->encoder, err);
}

/*
 * -fix_sub_duration: a subtitle comes out when the next one shows how long it may stay; the last
 * one never does, as in ffmpeg.
 */
static enum decoder_result exchange(struct decoder *decoder, AVSubtitle *subtitle)
{
    AVSubtitle next = *subtitle;
    int64_t end_ms;

    if (!decoder->holds) {
        decoder->held = next;
        decoder->holds = true;
        return DECODER_NEEDS_INPUT;
    }
    *subtitle = decoder->held;
    decoder->held = next;
    end_ms = av_rescale(time_minus(next.pts, subtitle->pts), 1000, AV_TIME_BASE);
    if (end_ms >= 0 && end_ms < subtitle->end_display_time)
        subtitle->end_display_time = (uint32_t)end_ms;
    if (end_ms > 0)
        return DECODER_FRAME;
    avsubtitle_free(subtitle);
    return DECODER_NEEDS_INPUT;
}

enum decoder_result subtitle_decode(struct decoder *decoder, const AVPacket *packet,
                                    AVSubtitle *subtitle)
{
    struct timeline *timeline = &decoder->stream->timeline;
    int got = 0;
    int status;

    timeline->pts = timeline->next_pts;
    timeline->dts = timeline->next_dts;
    memset(subtitle, 0, sizeof(*subtitle));
    /* Until libavcodec 60 it does not say const, and does not change it either. */
    status = avcodec_decode_subtitle2(decoder->context, subtitle, &got, (AVPacket *)packet);
    if (status < 0) {
        decoder_count_error(decoder, status);
        return DECODER_DAMAGED;
    }
    if (!got)
        return packet->size ? DECODER_NEEDS_INPUT : DECODER_ENDED;
    decoder->frames++;
    return decoder->stream->shortens ? exchange(decoder, subtitle) : DECODER_FRAME;
}

static bool is_in_time(struct track *track, int64_t pts)
{
    int64_t duration_us = track->output->duration_us;

    track->next_pts = av_rescale_q(pts, AV_TIME_BASE_Q, track->encoder.context->time_base);
    if (duration_us == INT64_MAX || pts < duration_us)
        return true;
    track_finish(track);
    return false;
}

static bool write_one(struct track *track, AVSubtitle *subtitle, int64_t pts, bool clears,
                      struct error *err)
{
    AVPacket *packet = track->packet;
    AVRational milliseconds = { 1, 1000 };
    AVRational base = track->to->base;
    unsigned rectangles = subtitle->num_rects;
    int size;

    subtitle->pts =
        time_plus(pts, av_rescale_q(subtitle->start_display_time, milliseconds, AV_TIME_BASE_Q));
    subtitle->end_display_time -= subtitle->start_display_time;
    subtitle->start_display_time = 0;
    if (av_new_packet(packet, MOST_BYTES) < 0)
        return libav_error(err, AVERROR(ENOMEM), "encode a subtitle");
    if (clears)
        subtitle->num_rects = 0;
    size = avcodec_encode_subtitle(track->encoder.context, packet->data, MOST_BYTES, subtitle);
    subtitle->num_rects = rectangles;
    if (size < 0)
        return libav_error_as(err, "Media.EncoderFailed", size, "encode a subtitle");
    av_shrink_packet(packet, size);
    packet->pts = av_rescale_q(subtitle->pts, AV_TIME_BASE_Q, base);
    packet->duration = av_rescale_q(subtitle->end_display_time, milliseconds, base);
    if (clears)
        packet->pts = time_plus(packet->pts, packet->duration);
    packet->dts = packet->pts;
    return output_write(track->output, track->to, packet, err);
}

bool subtitle_encode(struct track *track, AVSubtitle *subtitle, struct error *err)
{
    int64_t start_us = track->output->start_us;
    int64_t pts = subtitle->pts;
    bool ok = true;

    if (track->sealed ||
        (start_us != AV_NOPTS_VALUE && track->source->stream->timeline.pts < start_us))
        return true;
    if (pts == AV_NOPTS_VALUE)
        return !track->output->recipe->exits_on_error ||
               error_set(err, ERROR_MEDIA, "Media.InvalidData", "a subtitle has no time (-xerror)");
    if (start_us != AV_NOPTS_VALUE)
        pts = time_minus(pts, start_us);
    if (!is_in_time(track, pts))
        return true;
    ok = write_one(track, subtitle, pts, false, err);
    /* DVB subtitles need another packet that clears the screen. */
    if (ok && track->encoder.context->codec_id == AV_CODEC_ID_DVB_SUBTITLE &&
        is_in_time(track, pts))
        ok = write_one(track, subtitle, pts, true, err);
    return ok;
}
