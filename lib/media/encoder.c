/* SPDX-License-Identifier: MIT */

/* Sets an encoder up as ffmpeg does and runs it. */

#include "media/encoder.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <libavfilter/buffersink.h>
#include <libavutil/avstring.h>
#include <libavutil/channel_layout.h>
#include <libavutil/display.h>
#include <libavutil/eval.h>
#include <libavutil/mathematics.h>
#include <libavutil/opt.h>
#include <libavutil/parseutils.h>
#include <libavutil/samplefmt.h>

#include "media/encoder_pcm.h"
#include "media/encoder_video.h"
#include "media/libav.h"
#include "media/libav_compat.h"
#include "media/output_write.h"
#include "media/recipe_fields.h"
#include "media/time_math.h"

const char *encoder_setting(const struct encoder *encoder, enum recipe_key key)
{
    return output_setting(encoder->output, encoder->to, key);
}

static void set_quality(struct encoder *encoder, const char *quality)
{
    if (!quality || av_strtod(quality, NULL) < 0)
        return;
    encoder->context->flags |= AV_CODEC_FLAG_QSCALE;
    encoder->context->global_quality = (int)(FF_QP2LAMBDA * av_strtod(quality, NULL));
}

bool encoder_init(struct encoder *encoder, const AVCodec *codec, struct output *output,
                  struct output_stream *to, struct error *err)
{
    const struct stream_place place = output_place(output, to);

    *encoder = (struct encoder){ .output = output, .to = to, .from = to->from };
    encoder->context = avcodec_alloc_context3(codec);
    encoder->packet = av_packet_alloc();
    if (!encoder->context || !encoder->packet)
        return libav_error(err, AVERROR(ENOMEM), "open encoder %s", codec->name);
    encoder->options = recipe_codec_options(&output->recipe->output, codec, &place, true);
    to->stream->codecpar->codec_id = codec->id;
    encoder->context->codec_tag = to->stream->codecpar->codec_tag;
    if (output->recipe->output.bitexact)
        encoder->context->flags |= AV_CODEC_FLAG_BITEXACT;
    set_quality(encoder, encoder_setting(encoder, RECIPE_QUALITY));
    if (output->format->oformat->flags & AVFMT_GLOBALHEADER)
        encoder->context->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    return codec->type != AVMEDIA_TYPE_VIDEO || encoder_video_init(encoder) ||
           libav_error(err, AVERROR(ENOMEM), "set up encoder %s", codec->name);
}

void encoder_release(struct encoder *encoder)
{
    /* Of the matrices, libav 5.1 leaves this one. */
    if (encoder->context)
        av_freep(&encoder->context->chroma_intra_matrix);
    avcodec_free_context(&encoder->context);
    av_packet_free(&encoder->packet);
    av_dict_free(&encoder->options);
}

static bool flag_is_set(void *object, AVDictionary *options, const char *name, int flag)
{
    const AVDictionaryEntry *entry = av_dict_get(options, name, NULL, 0);
    const AVOption *option = entry ? av_opt_find(object, name, NULL, 0, 0) : NULL;
    int flags = 0;

    if (option)
        av_opt_eval_flags(object, option, entry->value, &flags);
    return flags & flag;
}

/* The tag by which a file says who encoded it; without version where bytes must not change. */
static void set_encoder_tag(struct encoder *encoder)
{
    AVDictionary **tags = &encoder->to->stream->metadata;
    bool exact = (encoder->context->flags & AV_CODEC_FLAG_BITEXACT) ||
                 flag_is_set(encoder->context, encoder->options, "flags", AV_CODEC_FLAG_BITEXACT) ||
                 flag_is_set(encoder->output->format, encoder->output->options, "fflags",
                             AVFMT_FLAG_BITEXACT);
    char *tag;

    tag = av_asprintf("%s %s", exact ? "Lavc" : LIBAVCODEC_IDENT, encoder->context->codec->name);
    if (tag)
        av_dict_set(tags, "encoder", tag, AV_DICT_DONT_STRDUP_VAL | AV_DICT_DONT_OVERWRITE);
}

/* -bits_per_raw_sample, or what the decoder says when nothing changes the samples. */
void encoder_set_raw_bits(struct encoder *encoder, const struct encoder_source *source, int most)
{
    double wanted = output_number(encoder->output, encoder->to, RECIPE_RAW_BITS, 0);

    if (wanted > 0)
        encoder->context->bits_per_raw_sample = (int)wanted;
    else if (source->decoder && source->filter->only_marks)
        encoder->context->bits_per_raw_sample = FFMIN(source->decoder->bits_per_raw_sample, most);
}

AVRational encoder_time_base(const struct encoder *encoder, AVRational usual)
{
    const char *wanted = encoder_setting(encoder, RECIPE_ENCODER_TIME_BASE);
    AVRational base = { 0, 1 };

    /* In ffmpeg one variable serves both options. */
    if (!wanted)
        wanted = encoder_setting(encoder, RECIPE_TIME_BASE);
    if (wanted)
        av_parse_ratio(&base, wanted, INT_MAX, 0, NULL);
    if (base.num < 0 && encoder->from)
        return encoder->from->stream->time_base;
    return base.num > 0 ? base : usual;
}

static void prepare_audio(struct encoder *encoder, const struct encoder_source *source)
{
    AVCodecContext *context = encoder->context;
    const AVFilterContext *sink = source->filter->outputs[source->output].sink;

    context->sample_fmt = av_buffersink_get_format(sink);
    context->sample_rate = av_buffersink_get_sample_rate(sink);
    av_channel_layout_uninit(&context->ch_layout);
    av_buffersink_get_ch_layout(sink, &context->ch_layout);
    encoder_set_raw_bits(encoder, source, av_get_bytes_per_sample(context->sample_fmt) * 8);
    context->time_base = encoder_time_base(encoder, (AVRational){ 1, context->sample_rate });
    if (!av_dict_get(encoder->options, "threads", NULL, 0))
        context->thread_count = 1;
}

/* What the encoder and the input say of the whole stream goes into the result. */
static bool copy_side_data(struct encoder *encoder, const struct input_stream *input)
{
    const AVStream *from = input ? input->stream : NULL;
    AVStream *to = encoder->to->stream;

#if LIBAVFORMAT_VERSION_INT < AV_VERSION_INT(60, 15, 100)
    for (int i = 0; i < encoder->context->nb_coded_side_data; i++) {
        const AVPacketSideData *data = &encoder->context->coded_side_data[i];
        uint8_t *copy = libav_add_side_data(to, data);

        if (!copy)
            return false;
        memcpy(copy, data->data, data->size);
    }
#endif
    for (int i = 0; from && i < libav_side_data_count(from); i++) {
        const AVPacketSideData *data = libav_side_data(from, i);
        uint8_t *copy;

        if (data->type == AV_PKT_DATA_CPB_PROPERTIES)
            continue;
        copy = libav_add_side_data(to, data);
        if (!copy)
            return false;
        memcpy(copy, data->data, data->size);
        if (data->type == AV_PKT_DATA_DISPLAYMATRIX && input->autorotates)
            av_display_rotation_set((int32_t *)copy, 0);
    }
    return true;
}

static bool describe(struct encoder *encoder, struct error *err)
{
    const struct input_stream *input = encoder->from;
    AVStream *to = encoder->to->stream;
    int status = avcodec_parameters_from_context(to->codecpar, encoder->context);

    if (status < 0 || !copy_side_data(encoder, input))
        return libav_error(err, status < 0 ? status : AVERROR(ENOMEM), "describe the stream");
    if (to->time_base.num <= 0 || to->time_base.den <= 0)
        to->time_base = av_add_q(encoder->context->time_base, (AVRational){ 0, 1 });
    if (input && to->duration <= 0 && input->stream->duration > 0)
        to->duration =
            av_rescale_q(input->stream->duration, input->stream->time_base, to->time_base);
    encoder->to->base = encoder->context->time_base;
    return true;
}

static bool open_codec(struct encoder *encoder, struct error *err)
{
    const AVCodec *codec = encoder->context->codec;
    const AVDictionaryEntry *unknown;
    int status;

    set_encoder_tag(encoder);
    status = avcodec_open2(encoder->context, codec, &encoder->options);
    if (status < 0)
        return libav_error_as(err, "Media.EncoderFailed", status, "open encoder %s", codec->name);
    unknown = av_dict_get(encoder->options, "", NULL, AV_DICT_IGNORE_SUFFIX);
    return !unknown || error_set(err, ERROR_MEDIA, "Media.EncoderFailed",
                                 "encoder %s does not know option %s", codec->name, unknown->key);
}

bool encoder_open_context(struct encoder *encoder, struct error *err)
{
    if (!open_codec(encoder, err) || !describe(encoder, err))
        return false;
    encoder->open = true;
    return output_ready(encoder->output, encoder->to, err);
}

bool encoder_open(struct encoder *encoder, const struct encoder_source *source,
                  const AVFrame *first, struct error *err)
{
    AVCodecContext *context = encoder->context;
    const AVCodec *codec = context->codec;

    if (codec->type == AVMEDIA_TYPE_AUDIO)
        prepare_audio(encoder, source);
    else
        encoder_video_prepare(encoder, source, first);
    if (!open_codec(encoder, err))
        return false;
    if (codec->type == AVMEDIA_TYPE_AUDIO &&
        !(codec->capabilities & AV_CODEC_CAP_VARIABLE_FRAME_SIZE))
        filter_set_frame_size(source->filter, source->output, (unsigned)context->frame_size);
    /* Bitstream filters may read a little beyond a packet, where an encoder leaves room for that.
     */
    encoder->is_plain = encoder_pcm_is_plain(context) && !encoder->to->filter;
    if (!describe(encoder, err))
        return false;
    encoder->open = true;
    return output_ready(encoder->output, encoder->to, err);
}

static bool write_packet(struct encoder *encoder, struct error *err)
{
    time_rescale_packet(encoder->packet, encoder->context->time_base, encoder->to->base);
    return output_write(encoder->output, encoder->to, encoder->packet, err);
}

static bool fail(const struct encoder *encoder, int status, struct error *err)
{
    return libav_error_as(err, "Media.EncoderFailed", status, "encode with %s",
                          encoder->context->codec->name);
}

bool encoder_encode(struct encoder *encoder, AVFrame *frame, struct error *err)
{
    bool wraps = frame && encoder->is_plain;
    int status = wraps ? encoder_pcm_wrap(encoder->context, frame, encoder->packet)
                       : avcodec_send_frame(encoder->context, frame);

    if (frame)
        encoder->samples += frame->nb_samples;
    if (status < 0 && (frame || status != AVERROR_EOF))
        return fail(encoder, status, err);
    if (wraps)
        return write_packet(encoder, err);
    for (;;) {
        status = avcodec_receive_packet(encoder->context, encoder->packet);
        if (status == AVERROR_EOF)
            return output_write(encoder->output, encoder->to, NULL, err);
        if (status == AVERROR(EAGAIN))
            return true;
        if (status < 0)
            return fail(encoder, status, err);
        if (!write_packet(encoder, err))
            return false;
    }
}
