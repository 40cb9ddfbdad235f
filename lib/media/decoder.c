/* SPDX-License-Identifier: MIT */

/* Decodes one stream and keeps its timeline. */

#include "media/decoder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/mathematics.h>

#include "base/memory.h"
#include "media/libav.h"
#include "media/libav_compat.h"
#include "media/recipe_fields.h"
#include "media/time_math.h"

static bool is_video(const struct decoder *decoder)
{
    return decoder->context->codec_type == AVMEDIA_TYPE_VIDEO;
}

static int set_up(struct decoder *decoder, const AVStream *stream)
{
    AVCodecContext *context = decoder->context;
    int status = avcodec_parameters_to_context(context, stream->codecpar);

    context->pkt_timebase = stream->time_base;
    /* What becomes of damaged pictures depends on how many there are, and often on chance. */
    context->thread_count = 1;
    if (context->codec_type == AVMEDIA_TYPE_VIDEO)
        context->framerate = stream->avg_frame_rate;
    return status;
}

static bool open_codec(struct decoder *decoder, struct frame_memory *memory, AVDictionary **options,
                       struct error *err)
{
    const AVCodec *codec = decoder->stream->decoder;
    const AVDictionaryEntry *unknown;
    int status;

    decoder->context = avcodec_alloc_context3(codec);
    decoder->frame = av_frame_alloc();
    decoder->picture = av_packet_alloc();
    if (!decoder->context || !decoder->frame || !decoder->picture)
        return libav_error(err, AVERROR(ENOMEM), "open decoder %s", codec->name);
    status = set_up(decoder, decoder->stream->stream);
    if (status < 0)
        return libav_error(err, status, "set up decoder %s", codec->name);
    if (decoder->stream->input->file->bitexact)
        decoder->context->flags |= AV_CODEC_FLAG_BITEXACT;
    /* Decoders of sound hold no frames. */
    if (memory && is_video(decoder))
        frame_memory_watch(memory, decoder->context);
    status = avcodec_open2(decoder->context, codec, options);
    if (status < 0)
        return libav_error_as(err, "Media.DecoderFailed", status, "open decoder %s", codec->name);
    unknown = av_dict_get(*options, "", NULL, AV_DICT_IGNORE_SUFFIX);
    return !unknown || error_set(err, ERROR_MEDIA, "Media.OptionNotFound",
                                 "decoder %s does not know option %s", codec->name, unknown->key);
}

bool decoder_open(struct decoder *decoder, struct input_stream *stream, struct frame_memory *memory,
                  AVDictionary *options, struct error *err)
{
    bool ok;

    *decoder = (struct decoder){ .stream = stream,
                                 .previous_pts = AV_NOPTS_VALUE,
                                 .failed_at = AV_NOPTS_VALUE };
    if (stream->decoder)
        ok = open_codec(decoder, memory, &options, err);
    else
        ok = error_set(err, ERROR_MEDIA, "Media.DecoderNotFound",
                       "no decoder for codec %s of stream %d",
                       avcodec_get_name(stream->stream->codecpar->codec_id), stream->stream->index);
    av_dict_free(&options);
    return ok;
}

void decoder_release(struct decoder *decoder)
{
    if (decoder->holds)
        avsubtitle_free(&decoder->held);
    decoder->holds = false;
    avcodec_free_context(&decoder->context);
    av_frame_free(&decoder->frame);
    av_packet_free(&decoder->picture);
    decoder_delay_release(&decoder->delay);
    free(decoder->drain_dts);
    decoder->drain_dts = NULL;
}

/* Frames that come out before the first time stamp are those the decoder holds back. */
static void begin_timeline(const struct decoder *decoder, struct timeline *timeline)
{
    AVRational rate = decoder->stream->stream->avg_frame_rate;

    timeline->dts = 0;
    if (rate.num)
        timeline->dts = (int64_t)(-decoder->context->has_b_frames * AV_TIME_BASE / av_q2d(rate));
    timeline->pts = 0;
    timeline->begun = true;
}

void decoder_begin(struct decoder *decoder, const AVPacket *packet)
{
    struct timeline *timeline = &decoder->stream->timeline;

    decoder->packet_duration = packet ? packet->duration : 0;
    if (!timeline->begun)
        begin_timeline(decoder, timeline);
    if (timeline->next_dts == AV_NOPTS_VALUE)
        timeline->next_dts = timeline->dts;
    if (timeline->next_pts == AV_NOPTS_VALUE)
        timeline->next_pts = timeline->pts;
    if (!packet || packet->dts == AV_NOPTS_VALUE)
        return;
    timeline->dts = time_rescale(packet->dts, decoder->stream->stream->time_base, AV_TIME_BASE_Q);
    timeline->next_dts = timeline->dts;
    if (!is_video(decoder))
        timeline->next_pts = timeline->pts = timeline->dts;
}

/* AVERROR(EAGAIN) when there is no frame; packet NULL asks for more of the one before. */
static int receive(struct decoder *decoder, const AVPacket *packet)
{
    if (packet && decoder->delay.length)
        return decoder_delay_receive(&decoder->delay, decoder->context, packet, decoder->frame);
    if (packet) {
        int status = avcodec_send_packet(decoder->context, packet);

        if (status < 0 && status != AVERROR_EOF)
            return status;
    }
    return avcodec_receive_frame(decoder->context, decoder->frame);
}

static void remember_failure(struct decoder *decoder, int status)
{
    decoder->failed_at = decoder->stream->timeline.dts;
    if (decoder->delay.length && decoder->delay.dts != AV_NOPTS_VALUE)
        decoder->failed_at =
            av_rescale_q(decoder->delay.dts, decoder->stream->stream->time_base, AV_TIME_BASE_Q);
    snprintf(decoder->message, sizeof(decoder->message), "%s", libav_last_message());
    if (!decoder->message[0] && status)
        av_strerror(status, decoder->message, sizeof(decoder->message));
}

void decoder_count_error(struct decoder *decoder, int status)
{
    if (decoder->errors++ > 0)
        return;
    decoder->failure = status;
    if (decoder->corrupt == 0)
        remember_failure(decoder, status);
}

static enum decoder_result count(struct decoder *decoder, int status)
{
    if (status == AVERROR_EOF)
        return DECODER_ENDED;
    if (status == AVERROR(EAGAIN))
        return DECODER_NEEDS_INPUT;
    if (status < 0) {
        decoder_count_error(decoder, status);
        return DECODER_DAMAGED;
    }
    decoder->frames++;
    if (decoder->frame->decode_error_flags || (decoder->frame->flags & AV_FRAME_FLAG_CORRUPT)) {
        if (decoder->corrupt++ == 0 && decoder->errors == 0)
            remember_failure(decoder, 0);
    }
    return DECODER_FRAME;
}

/* Times in a container's coarse base become times in samples without drifting or jitter. */
static void time_audio(struct decoder *decoder, int64_t packet_pts, int64_t packet_duration,
                       bool with_packet)
{
    AVFrame *frame = decoder->frame;
    struct timeline *timeline = &decoder->stream->timeline;
    AVRational base = decoder->stream->stream->time_base;
    AVRational samples = { 1, decoder->context->sample_rate };
    int64_t length = (int64_t)AV_TIME_BASE * frame->nb_samples / decoder->context->sample_rate;

    decoder->stream->last_samples = frame->nb_samples;
    decoder->stream->last_rate = decoder->context->sample_rate;
    timeline->next_pts = time_plus(timeline->next_pts, length);
    timeline->next_dts = time_plus(timeline->next_dts, length);
    decoder->seconds += (double)frame->nb_samples / decoder->context->sample_rate;
    if (frame->pts == AV_NOPTS_VALUE && packet_pts != AV_NOPTS_VALUE) {
        frame->pts = packet_pts;
    } else if (frame->pts == AV_NOPTS_VALUE) {
        frame->pts = timeline->dts;
        base = AV_TIME_BASE_Q;
    }
    if (packet_duration && decoder->previous_pts != AV_NOPTS_VALUE &&
        packet_pts != AV_NOPTS_VALUE &&
        time_minus(packet_pts, decoder->previous_pts) > packet_duration)
        timeline->delta_state = AV_NOPTS_VALUE;
    if (with_packet)
        decoder->previous_pts = packet_pts;
    if (frame->pts != AV_NOPTS_VALUE)
        frame->pts = av_rescale_delta(base, frame->pts, samples, frame->nb_samples,
                                      &timeline->delta_state, samples);
}

static enum decoder_result next_audio(struct decoder *decoder, const AVPacket *packet,
                                      struct error *err)
{
    int64_t pts = packet ? packet->pts : AV_NOPTS_VALUE;
    int64_t duration = packet ? packet->duration : 0;
    enum decoder_result result;
    int status = receive(decoder, packet);

    if ((status >= 0 || status == AVERROR(EAGAIN)) && decoder->context->sample_rate <= 0) {
        decoder_count_error(decoder, AVERROR_INVALIDDATA);
        error_set(err, ERROR_MEDIA, "Media.InvalidData", "the decoded sample rate is %d",
                  decoder->context->sample_rate);
        return DECODER_UNUSABLE;
    }
    result = count(decoder, status);
    if (result == DECODER_FRAME)
        time_audio(decoder, pts, duration, packet != NULL);
    return result;
}

static void remember_drain_dts(struct decoder *decoder, int64_t dts)
{
    decoder->drain_dts =
        memory_grow(decoder->drain_dts, decoder->drain_count + 1, sizeof(*decoder->drain_dts));
    decoder->drain_dts[decoder->drain_count++] = dts;
}

static int64_t take_drain_dts(struct decoder *decoder)
{
    int64_t first = decoder->drain_dts[0];

    decoder->drain_count--;
    memmove(decoder->drain_dts, decoder->drain_dts + 1,
            decoder->drain_count * sizeof(*decoder->drain_dts));
    return first;
}

static void time_video(struct decoder *decoder, bool draining)
{
    const AVStream *stream = decoder->stream->stream;
    struct timeline *timeline = &decoder->stream->timeline;
    AVFrame *frame = decoder->frame;
    int64_t best = frame->best_effort_timestamp;

    if (decoder->stream->frame_rate.num)
        best = decoder->next_picture++;
    if (draining && best == AV_NOPTS_VALUE && decoder->drain_count > 0)
        best = take_drain_dts(decoder);
    if (best != AV_NOPTS_VALUE) {
        frame->pts = best;
        timeline->pts = av_rescale_q(best, stream->time_base, AV_TIME_BASE_Q);
        timeline->next_pts = timeline->pts;
    }
    if (stream->sample_aspect_ratio.num)
        frame->sample_aspect_ratio = stream->sample_aspect_ratio;
}

/* How long the picture lasts, for guessing the time of the next one. */
static int64_t picture_duration(const struct decoder *decoder)
{
    const AVStream *stream = decoder->stream->stream;
    const AVCodecParserContext *parser = av_stream_get_parser(stream);
    AVRational rate = decoder->context->framerate;
    int ticks = libav_ticks_per_frame(decoder->context);

    if (decoder->packet_duration)
        return av_rescale_q(decoder->packet_duration, stream->time_base, AV_TIME_BASE_Q);
    if (rate.num == 0 || rate.den == 0)
        return 0;
    return (int64_t)AV_TIME_BASE * rate.den * (parser ? parser->repeat_pict + 1 : ticks) /
           rate.num / ticks;
}

static void advance_video(struct decoder *decoder, bool moves_dts, bool has_frame)
{
    struct timeline *timeline = &decoder->stream->timeline;
    int64_t duration = 0;

    if (moves_dts) {
        duration = picture_duration(decoder);
        if (timeline->dts != AV_NOPTS_VALUE && duration)
            timeline->next_dts = time_plus(timeline->next_dts, duration);
        else
            timeline->next_dts = AV_NOPTS_VALUE;
    }
    if (!has_frame)
        return;
    if (libav_frame_duration(decoder->frame) > 0)
        duration = av_rescale_q(libav_frame_duration(decoder->frame),
                                decoder->stream->stream->time_base, AV_TIME_BASE_Q);
    if (decoder->frames == 1)
        decoder->begins_us = timeline->pts;
    timeline->next_pts = time_plus(timeline->next_pts, duration);
    decoder->seconds = (double)time_minus(timeline->next_pts, decoder->begins_us) / AV_TIME_BASE;
}

static int receive_picture(struct decoder *decoder, const AVPacket *packet, int64_t dts)
{
    int status = av_packet_ref(decoder->picture, packet);

    if (status < 0)
        return status;
    decoder->picture->dts = dts;
    status = receive(decoder, decoder->picture);
    av_packet_unref(decoder->picture);
    return status;
}

static enum decoder_result next_video(struct decoder *decoder, const AVPacket *packet,
                                      bool draining)
{
    const struct timeline *timeline = &decoder->stream->timeline;
    int64_t dts = AV_NOPTS_VALUE;
    enum decoder_result result;

    /* Some demuxers give empty packets before the end; they are no reason to drain. */
    if (!draining && packet && packet->size == 0)
        return DECODER_NEEDS_INPUT;
    if (timeline->dts != AV_NOPTS_VALUE)
        dts = av_rescale_q(timeline->dts, AV_TIME_BASE_Q, decoder->stream->stream->time_base);
    if (draining)
        remember_drain_dts(decoder, dts);
    result = count(decoder, packet && !draining ? receive_picture(decoder, packet, dts)
                                                : receive(decoder, packet));
    if (result == DECODER_FRAME)
        time_video(decoder, draining);
    advance_video(decoder, packet || draining || result == DECODER_FRAME, result == DECODER_FRAME);
    return result;
}

enum decoder_result decoder_next(struct decoder *decoder, const AVPacket *packet, bool draining,
                                 struct error *err)
{
    struct timeline *timeline = &decoder->stream->timeline;

    timeline->pts = timeline->next_pts;
    timeline->dts = timeline->next_dts;
    return is_video(decoder) ? next_video(decoder, packet, draining)
                             : next_audio(decoder, packet, err);
}
