/* SPDX-License-Identifier: MIT */

/* Picture encoders as ffmpeg sets them up. */

#include "media/encoder_video.h"

#include <libavfilter/buffersink.h>
#include <libavutil/avstring.h>
#include <libavutil/opt.h>
#include <libavutil/parseutils.h>
#include <libavutil/pixdesc.h>

#include "media/libav_compat.h"
#include "media/quantizer.h"
#include "media/recipe_fields.h"

static const enum AVPixelFormat mjpeg_formats[] = { AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUVJ422P,
                                                    AV_PIX_FMT_YUVJ444P, AV_PIX_FMT_NONE };

static const enum AVPixelFormat ljpeg_formats[] = { AV_PIX_FMT_BGR24,    AV_PIX_FMT_BGRA,
                                                    AV_PIX_FMT_BGR0,     AV_PIX_FMT_YUVJ420P,
                                                    AV_PIX_FMT_YUVJ444P, AV_PIX_FMT_YUVJ422P,
                                                    AV_PIX_FMT_YUV420P,  AV_PIX_FMT_YUV444P,
                                                    AV_PIX_FMT_YUV422P,  AV_PIX_FMT_NONE };

static double number(const struct encoder *encoder, enum recipe_key key, double fallback)
{
    return output_number(encoder->output, encoder->to, key, fallback);
}

static bool set_matrix(const struct encoder *encoder, enum recipe_key key, uint16_t **matrix)
{
    const char *text = encoder_setting(encoder, key);

    if (!text)
        return true;
    *matrix = av_calloc(QUANTIZER_COEFFICIENTS, sizeof(**matrix));
    return *matrix && quantizer_read_matrix(text, *matrix);
}

/* What the encoder's context has no option for. It owns them. */
static bool set_quantizer(struct encoder *encoder)
{
    AVCodecContext *context = encoder->context;
    const char *ranges = encoder_setting(encoder, RECIPE_RATE_RANGES);

    return set_matrix(encoder, RECIPE_INTRA_MATRIX, &context->intra_matrix) &&
           set_matrix(encoder, RECIPE_CHROMA_MATRIX, &context->chroma_intra_matrix) &&
           set_matrix(encoder, RECIPE_INTER_MATRIX, &context->inter_matrix) &&
           (!ranges ||
            quantizer_read_ranges(ranges, &context->rc_override, &context->rc_override_count));
}

bool encoder_video_init(struct encoder *encoder)
{
    const char *rate = encoder_setting(encoder, RECIPE_FRAME_RATE);
    const char *aspect = encoder_setting(encoder, RECIPE_ASPECT);

    if (rate)
        av_parse_video_rate(&encoder->frame_rate, rate);
    if (aspect)
        av_parse_ratio(&encoder->aspect, aspect, 255, 0, NULL);
    if (encoder->output->recipe->reports_psnr)
        encoder->context->flags |= AV_CODEC_FLAG_PSNR;
    return set_quantizer(encoder);
}

/* JPEG encoders list limited-range formats that only some readers take; ffmpeg avoids them. */
static const enum AVPixelFormat *known_formats(const struct encoder *encoder)
{
    const AVDictionaryEntry *strict = av_dict_get(encoder->options, "strict", NULL, 0);
    AVCodecContext *context = encoder->context;

    if (strict)
        av_opt_set(context, "strict", strict->value, 0);
    if (context->strict_std_compliance > FF_COMPLIANCE_UNOFFICIAL) {
        if (context->codec_id == AV_CODEC_ID_MJPEG)
            return mjpeg_formats;
        if (context->codec_id == AV_CODEC_ID_LJPEG)
            return ljpeg_formats;
    }
    return libav_pixel_formats(context->codec);
}

/* The one that loses least where the encoder does not take the one asked for. */
static enum AVPixelFormat nearest_format(const enum AVPixelFormat *known, enum AVPixelFormat wanted)
{
    const AVPixFmtDescriptor *descriptor = av_pix_fmt_desc_get(wanted);
    int has_alpha = descriptor ? descriptor->nb_components % 2 == 0 : 0;
    enum AVPixelFormat best = AV_PIX_FMT_NONE;

    for (; known && *known != AV_PIX_FMT_NONE; known++) {
        best = av_find_best_pix_fmt_of_2(best, *known, wanted, has_alpha, NULL);
        if (*known == wanted)
            return wanted;
    }
    return best == AV_PIX_FMT_NONE ? wanted : best;
}

void encoder_video_target(const struct encoder *encoder, struct filter_target *target)
{
    const char *size = encoder_setting(encoder, RECIPE_SIZE);
    const char *format = encoder_setting(encoder, RECIPE_PIXEL_FORMAT);

    if (size)
        av_parse_video_size(&target->shape.width, &target->shape.height, size);
    target->keeps_size = number(encoder, RECIPE_AUTOSCALE, 1) == 0;
    target->pixel_formats = known_formats(encoder);
    if (!format)
        return;
    target->keeps_format = *format == '+';
    if (target->keeps_format) {
        target->pixel_formats = NULL;
        target->shape.format = format[1] ? (int)av_get_pix_fmt(format + 1) : -1;
    } else {
        target->shape.format = (int)nearest_format(target->pixel_formats, av_get_pix_fmt(format));
    }
}

/* From -r, the filters or the container. */
static AVRational natural_rate(const struct encoder *encoder, const struct encoder_source *source)
{
    const struct input_stream *from = encoder->from;
    AVRational rate = encoder->frame_rate;

    if (!rate.num)
        rate = av_buffersink_get_frame_rate(source->filter->outputs[source->output].sink);
    if (!rate.num && from)
        rate = from->frame_rate;
    if (!rate.num && from)
        rate = from->stream->r_frame_rate;
    return rate;
}

static AVRational choose_rate(const struct encoder *encoder, const struct encoder_source *source)
{
    const AVRational *known = libav_frame_rates(encoder->context->codec);
    const char *limit = encoder_setting(encoder, RECIPE_FRAME_RATE_MAX);
    AVRational rate = natural_rate(encoder, source);
    AVRational most = { 0, 1 };

    if (limit)
        av_parse_video_rate(&most, limit);
    if (!rate.num && !most.num && encoder->from)
        rate = (AVRational){ 25, 1 };
    if (most.num && (av_q2d(rate) > av_q2d(most) || !rate.den))
        rate = most;
    if (known && number(encoder, RECIPE_FORCE_RATE, 0) == 0)
        rate = known[av_find_nearest_q_idx(rate, known)];
    /* MPEG-4 counts ticks in 16 bits. */
    if (encoder->context->codec_id == AV_CODEC_ID_MPEG4)
        av_reduce(&rate.num, &rate.den, rate.num, rate.den, 65535);
    return rate;
}

static enum AVFieldOrder field_order(const AVFrame *first, enum AVCodecID codec)
{
    int top_first = libav_frame_top_first(first);

    if (!libav_frame_is_interlaced(first))
        return AV_FIELD_PROGRESSIVE;
    if (codec == AV_CODEC_ID_MJPEG)
        return top_first ? AV_FIELD_TT : AV_FIELD_BB;
    return top_first ? AV_FIELD_TB : AV_FIELD_BT;
}

static void copy_look(AVCodecContext *context, const AVFrame *first)
{
    context->color_range = first->color_range;
    context->color_primaries = first->color_primaries;
    context->color_trc = first->color_trc;
    context->colorspace = first->colorspace;
    context->chroma_sample_location = first->chroma_location;
}

static void set_fields(struct encoder *encoder, const AVFrame *first)
{
    AVCodecContext *context = encoder->context;
    double top_first = number(encoder, RECIPE_TOP_FIRST, -1);

    if (first)
        context->field_order = field_order(first, context->codec_id);
    if (top_first == 0)
        context->field_order = AV_FIELD_BB;
    else if (top_first == 1)
        context->field_order = AV_FIELD_TT;
}

void encoder_video_mark_fields(const struct encoder *encoder, AVFrame *frame)
{
    const int interlaced = AV_CODEC_FLAG_INTERLACED_DCT | AV_CODEC_FLAG_INTERLACED_ME;
    double top_first = -1;

    if (encoder->context->flags & interlaced)
        top_first = number(encoder, RECIPE_TOP_FIRST, -1);
    if (top_first >= 0)
        libav_frame_set_top_first(frame, top_first != 0);
}

static void set_base(struct encoder *encoder, const struct encoder_source *source)
{
    AVCodecContext *context = encoder->context;
    const AVFilterContext *sink = source->filter->outputs[source->output].sink;

    encoder->frame_rate = choose_rate(encoder, source);
    context->time_base = encoder_time_base(encoder, av_inv_q(encoder->frame_rate));
    if (!context->time_base.num || !context->time_base.den)
        context->time_base = av_buffersink_get_time_base(sink);
    context->framerate = encoder->frame_rate;
    encoder->to->stream->avg_frame_rate = encoder->frame_rate;
    if (encoder->constant_rate)
        encoder->to->constant_rate = encoder->frame_rate;
}

void encoder_video_prepare(struct encoder *encoder, const struct encoder_source *source,
                           const AVFrame *first)
{
    AVCodecContext *context = encoder->context;
    AVStream *to = encoder->to->stream;
    const AVFilterContext *sink = source->filter->outputs[source->output].sink;

    set_base(encoder, source);
    context->width = av_buffersink_get_w(sink);
    context->height = av_buffersink_get_h(sink);
    context->sample_aspect_ratio = av_buffersink_get_sample_aspect_ratio(sink);
    if (encoder->aspect.num)
        context->sample_aspect_ratio =
            av_mul_q(encoder->aspect, (AVRational){ context->height, context->width });
    to->sample_aspect_ratio = context->sample_aspect_ratio;
    context->pix_fmt = av_buffersink_get_format(sink);
    encoder_set_raw_bits(encoder, source, av_pix_fmt_desc_get(context->pix_fmt)->comp[0].depth);
    if (first)
        copy_look(context, first);
    set_fields(encoder, first);
    /* The bits of some encoders depend on their number of threads, and ffmpeg lets them choose. */
    if (!av_dict_get(encoder->options, "threads", NULL, 0))
        av_dict_set(&encoder->options, "threads", "auto", 0);
}
