/* SPDX-License-Identifier: MIT */

/* Scores streams as ffmpeg 5.1 does. */

#include "media/stream_choice.h"

#include <libavcodec/avcodec.h>
#include <libavcodec/codec_desc.h>
#include <libavutil/macros.h>

/* Packets seen while probing outweigh the default mark, which outweighs channels and size. */
enum { SCORE_HAS_PACKETS = 100000000, SCORE_DEFAULT = 5000000 };

static bool is_disabled(const struct input_stream *stream)
{
    return stream->discard == AVDISCARD_ALL;
}

static int common_score(const AVStream *stream)
{
    int score = 0;

    if (stream->event_flags & AVSTREAM_EVENT_FLAG_NEW_PACKETS)
        score += SCORE_HAS_PACKETS;
    if (stream->disposition & AV_DISPOSITION_DEFAULT)
        score += SCORE_DEFAULT;
    return score;
}

int stream_choice_audio(const struct input *input)
{
    int best = STREAM_CHOICE_NONE;
    int best_score = 0;

    for (unsigned i = 0; i < input->stream_count; i++) {
        const AVStream *stream = input->streams[i].stream;
        int score = stream->codecpar->ch_layout.nb_channels + common_score(stream);

        if (stream->codecpar->codec_type == AVMEDIA_TYPE_AUDIO && score > best_score &&
            !is_disabled(&input->streams[i])) {
            best = (int)i;
            best_score = score;
        }
    }
    return best;
}

int stream_choice_video(const struct input *input, const AVOutputFormat *container)
{
    bool only_covers =
        avformat_query_codec(container, container->video_codec, 0) == MKTAG('A', 'P', 'I', 'C');
    int best = STREAM_CHOICE_NONE;
    int best_score = 0;

    for (unsigned i = 0; i < input->stream_count; i++) {
        const AVStream *stream = input->streams[i].stream;
        bool is_cover = stream->disposition & AV_DISPOSITION_ATTACHED_PIC;
        int score = stream->codecpar->width * stream->codecpar->height + common_score(stream);

        if (is_cover && !only_covers)
            score = 1;
        if (stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO && score > best_score &&
            (is_cover || !only_covers) && !is_disabled(&input->streams[i])) {
            best = (int)i;
            best_score = score;
        }
    }
    return best;
}

static int subtitle_kinds(const AVCodecDescriptor *descriptor)
{
    return descriptor ? descriptor->props & (AV_CODEC_PROP_TEXT_SUB | AV_CODEC_PROP_BITMAP_SUB) : 0;
}

int stream_choice_subtitle(const struct input *input, const AVOutputFormat *container, bool any)
{
    const AVCodec *encoder = avcodec_find_encoder(container->subtitle_codec);
    const AVCodecDescriptor *out = encoder ? avcodec_descriptor_get(encoder->id) : NULL;

    for (unsigned i = 0; (out || any) && i < input->stream_count; i++) {
        const AVCodecParameters *parameters = input->streams[i].stream->codecpar;
        const AVCodecDescriptor *in = avcodec_descriptor_get(parameters->codec_id);

        if (parameters->codec_type == AVMEDIA_TYPE_SUBTITLE && !is_disabled(&input->streams[i]) &&
            (any || (subtitle_kinds(in) & subtitle_kinds(out)) ||
             (in && out && (!in->props || !out->props))))
            return (int)i;
    }
    return STREAM_CHOICE_NONE;
}
