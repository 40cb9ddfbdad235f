/* SPDX-License-Identifier: MIT */

/*
 * What differs between FFmpeg 5.1, 6.x and 7.x, behind one name each.
 * Threads: safe.
 */

#pragma once

#include <stdbool.h>
#include <string.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/frame.h>

/* FFmpeg 7.0 made the bytes given to a write callback const. */
#if LIBAVFORMAT_VERSION_MAJOR >= 61
typedef const uint8_t libav_written_byte;
#else
typedef uint8_t libav_written_byte;
#endif

/* FFmpeg 6.1 moved a stream's side data into its codec parameters. */
#if LIBAVFORMAT_VERSION_INT >= AV_VERSION_INT(60, 15, 100)

static inline int libav_side_data_count(const AVStream *stream)
{
    return stream->codecpar->nb_coded_side_data;
}

static inline const AVPacketSideData *libav_side_data(const AVStream *stream, int index)
{
    return &stream->codecpar->coded_side_data[index];
}

static inline uint8_t *libav_add_side_data(AVStream *stream, const AVPacketSideData *data)
{
    AVPacketSideData *added =
        av_packet_side_data_new(&stream->codecpar->coded_side_data,
                                &stream->codecpar->nb_coded_side_data, data->type, data->size, 0);

    return added ? added->data : NULL;
}

#else

static inline int libav_side_data_count(const AVStream *stream)
{
    return stream->nb_side_data;
}

static inline const AVPacketSideData *libav_side_data(const AVStream *stream, int index)
{
    return &stream->side_data[index];
}

static inline uint8_t *libav_add_side_data(AVStream *stream, const AVPacketSideData *data)
{
    return av_stream_new_side_data(stream, data->type, data->size);
}

#endif

/* FFmpeg 6.0 renamed a frame's duration. */
static inline int64_t libav_frame_duration(const AVFrame *frame)
{
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 30, 100)
    return frame->duration;
#else
    return frame->pkt_duration;
#endif
}

/* FFmpeg 6.1 turned the field marks of a frame into flags. */
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 7, 100)

static inline int libav_frame_is_interlaced(const AVFrame *frame)
{
    return !!(frame->flags & AV_FRAME_FLAG_INTERLACED);
}

static inline int libav_frame_top_first(const AVFrame *frame)
{
    return !!(frame->flags & AV_FRAME_FLAG_TOP_FIELD_FIRST);
}

static inline void libav_frame_set_top_first(AVFrame *frame, bool top_first)
{
    frame->flags &= ~AV_FRAME_FLAG_TOP_FIELD_FIRST;
    frame->flags |= top_first ? AV_FRAME_FLAG_TOP_FIELD_FIRST : 0;
}

#else

static inline int libav_frame_is_interlaced(const AVFrame *frame)
{
    return frame->interlaced_frame;
}

static inline int libav_frame_top_first(const AVFrame *frame)
{
    return frame->top_field_first;
}

static inline void libav_frame_set_top_first(AVFrame *frame, bool top_first)
{
    frame->top_field_first = top_first;
}

#endif

/* FFmpeg 7.1 hides the lists of what an encoder takes behind one function; NULL: anything. */
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(61, 13, 100)

static inline const void *libav_codec_list(const AVCodec *codec, enum AVCodecConfig what)
{
    const void *list = NULL;

    return avcodec_get_supported_config(NULL, codec, what, 0, &list, NULL) < 0 ? NULL : list;
}

static inline const enum AVSampleFormat *libav_sample_formats(const AVCodec *codec)
{
    return libav_codec_list(codec, AV_CODEC_CONFIG_SAMPLE_FORMAT);
}

static inline const int *libav_sample_rates(const AVCodec *codec)
{
    return libav_codec_list(codec, AV_CODEC_CONFIG_SAMPLE_RATE);
}

static inline const AVChannelLayout *libav_layouts(const AVCodec *codec)
{
    return libav_codec_list(codec, AV_CODEC_CONFIG_CHANNEL_LAYOUT);
}

static inline const enum AVPixelFormat *libav_pixel_formats(const AVCodec *codec)
{
    return libav_codec_list(codec, AV_CODEC_CONFIG_PIX_FORMAT);
}

static inline const AVRational *libav_frame_rates(const AVCodec *codec)
{
    return libav_codec_list(codec, AV_CODEC_CONFIG_FRAME_RATE);
}

#else

static inline const enum AVSampleFormat *libav_sample_formats(const AVCodec *codec)
{
    return codec->sample_fmts;
}

static inline const int *libav_sample_rates(const AVCodec *codec)
{
    return codec->supported_samplerates;
}

static inline const AVChannelLayout *libav_layouts(const AVCodec *codec)
{
    return codec->ch_layouts;
}

static inline const enum AVPixelFormat *libav_pixel_formats(const AVCodec *codec)
{
    return codec->pix_fmts;
}

static inline const AVRational *libav_frame_rates(const AVCodec *codec)
{
    return codec->supported_framerates;
}

#endif

/* Fields per frame as the old decoders count them; constant since FFmpeg 6.0. */
static inline int libav_ticks_per_frame(const AVCodecContext *context)
{
#if LIBAVCODEC_VERSION_MAJOR >= 60
    (void)context;
    return 1;
#else
    return context->ticks_per_frame;
#endif
}

/* A stream's own matrix replaces the one it has. */
static inline void libav_set_display_matrix(AVStream *stream, const int32_t matrix[9])
{
    const AVPacketSideData data = { (uint8_t *)(uintptr_t)matrix, 9 * sizeof(*matrix),
                                    AV_PKT_DATA_DISPLAYMATRIX };
    uint8_t *copy = libav_add_side_data(stream, &data);

    if (copy)
        memcpy(copy, matrix, data.size);
}

/* What a muxer that copies packets should know of their pace. */
static inline int libav_copy_timing(const AVOutputFormat *container, AVStream *to,
                                    const AVStream *from, int mode)
{
#if LIBAVFORMAT_VERSION_INT < AV_VERSION_INT(61, 9, 100)
    int status = avformat_transfer_internal_stream_timing_info(container, to, from,
                                                               (enum AVTimebaseSource)mode);

    if (status >= 0 && (to->time_base.num <= 0 || to->time_base.den <= 0))
        to->time_base = av_add_q(av_stream_get_codec_timebase(to), (AVRational){ 0, 1 });
    return status;
#else
    (void)container;
    (void)mode;
    if (to->time_base.num <= 0 || to->time_base.den <= 0)
        to->time_base = from->time_base;
    return 0;
#endif
}

static inline int libav_frame_is_key(const AVFrame *frame)
{
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 7, 100)
    return !!(frame->flags & AV_FRAME_FLAG_KEY);
#else
    return frame->key_frame;
#endif
}

/* Before FFmpeg 6.0 a buffer callback had to say that decoders' threads may call it. */
static inline void libav_set_get_buffer(AVCodecContext *decoder,
                                        int (*get_buffer)(AVCodecContext *decoder, AVFrame *frame,
                                                          int flags))
{
    decoder->get_buffer2 = get_buffer;
#if LIBAVCODEC_VERSION_MAJOR < 60
    _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Wdeprecated-declarations\"")
        decoder->thread_safe_callbacks = 1;
    _Pragma("GCC diagnostic pop")
#endif
}
