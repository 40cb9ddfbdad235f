/* SPDX-License-Identifier: MIT */

/* Packets of PCM that are the frames themselves. */

#include "media/encoder_pcm.h"

#include <limits.h>

#include <libavutil/avutil.h>
#include <libavutil/bswap.h>
#include <libavutil/samplefmt.h>

#include "media/time_math.h"

/* The codec that stores samples of format as this machine does; AV_CODEC_ID_NONE: none does. */
static enum AVCodecID native_codec(enum AVSampleFormat format)
{
    switch (format) {
    case AV_SAMPLE_FMT_U8:
        return AV_CODEC_ID_PCM_U8;
    case AV_SAMPLE_FMT_S16:
        return AV_NE(AV_CODEC_ID_PCM_S16BE, AV_CODEC_ID_PCM_S16LE);
    case AV_SAMPLE_FMT_S32:
        return AV_NE(AV_CODEC_ID_PCM_S32BE, AV_CODEC_ID_PCM_S32LE);
    case AV_SAMPLE_FMT_S64:
        return AV_NE(AV_CODEC_ID_PCM_S64BE, AV_CODEC_ID_PCM_S64LE);
    case AV_SAMPLE_FMT_FLT:
        return AV_NE(AV_CODEC_ID_PCM_F32BE, AV_CODEC_ID_PCM_F32LE);
    case AV_SAMPLE_FMT_DBL:
        return AV_NE(AV_CODEC_ID_PCM_F64BE, AV_CODEC_ID_PCM_F64LE);
    default:
        return AV_CODEC_ID_NONE;
    }
}

bool encoder_pcm_is_plain(const AVCodecContext *context)
{
    return context->codec_type == AVMEDIA_TYPE_AUDIO &&
           context->codec_id == native_codec(context->sample_fmt);
}

int encoder_pcm_wrap(const AVCodecContext *context, AVFrame *frame, AVPacket *packet)
{
    int size = av_samples_get_buffer_size(NULL, context->ch_layout.nb_channels, frame->nb_samples,
                                          context->sample_fmt, 1);

    if (size <= 0)
        return size < 0 ? size : AVERROR(EINVAL);
    packet->buf = frame->buf[0];
    packet->data = frame->data[0];
    frame->buf[0] = NULL;
    frame->data[0] = NULL;
    packet->size = size;
    packet->pts = frame->pts;
    packet->dts = frame->pts;
    packet->duration = time_rescale(frame->nb_samples, (AVRational){ 1, context->sample_rate },
                                    context->time_base);
    packet->flags = AV_PKT_FLAG_KEY;
    return 0;
}
