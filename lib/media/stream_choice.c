/* SPDX-License-Identifier: MIT */

/* Scores streams as ffmpeg 5.1 does. */

#include "media/stream_choice.h"

#include <libavcodec/avcodec.h>
#include <libavcodec/codec_desc.h>
#include <libavutil/macros.h>

#include "media/subtitle.h"

/* Packets seen while probing outweigh the default mark, which outweighs channels and size. */
enum { SCORE_HAS_PACKETS = 100000000, SCORE_DEFAULT = 5000000 };

/* The best stream so far, of one input or of all. */
struct choice {
    const struct input_stream *stream; /* NULL: none */
    int score;
};

static bool is_disabled(const struct input_stream *stream)
{
    return stream->discard == AVDISCARD_ALL;
}

static int default_score(const struct input_stream *stream)
{
    return stream->stream->disposition & AV_DISPOSITION_DEFAULT ? SCORE_DEFAULT : 0;
}

static int common_score(const struct input_stream *stream)
{
    return default_score(stream) +
           (stream->stream->event_flags & AVSTREAM_EVENT_FLAG_NEW_PACKETS ? SCORE_HAS_PACKETS : 0);
}

static void consider(struct choice *best, const struct input_stream *stream, int score)
{
    if (score > best->score)
        *best = (struct choice){ stream, score };
}

const struct input_stream *stream_choice_audio(const struct input_set *inputs)
{
    struct choice best = { 0 };

    for (unsigned i = 0; i < inputs->count; i++) {
        const struct input *input = &inputs->inputs[i];
        struct choice best_here = { 0 };

        for (unsigned j = 0; j < input->stream_count; j++) {
            const struct input_stream *stream = &input->streams[j];
            const AVCodecParameters *parameters = stream->stream->codecpar;

            if (parameters->codec_type == AVMEDIA_TYPE_AUDIO && !is_disabled(stream))
                consider(&best_here, stream,
                         parameters->ch_layout.nb_channels + common_score(stream));
        }
        /* The default mark only tells streams of one input apart. */
        if (best_here.stream)
            consider(&best, best_here.stream, best_here.score - default_score(best_here.stream));
    }
    return best.stream;
}

static bool is_cover(const struct input_stream *stream)
{
    return stream->stream->disposition & AV_DISPOSITION_ATTACHED_PIC;
}

static struct choice best_video(const struct input *input, bool only_covers)
{
    struct choice best = { 0 };

    for (unsigned i = 0; i < input->stream_count; i++) {
        const struct input_stream *stream = &input->streams[i];
        const AVCodecParameters *parameters = stream->stream->codecpar;
        int score = parameters->width * parameters->height + common_score(stream);

        if (is_cover(stream) && !only_covers)
            score = 1;
        if (parameters->codec_type == AVMEDIA_TYPE_VIDEO && !is_disabled(stream) &&
            (is_cover(stream) || !only_covers))
            consider(&best, stream, score);
    }
    return best;
}

const struct input_stream *stream_choice_video(const struct input_set *inputs,
                                               const AVOutputFormat *container)
{
    bool only_covers =
        avformat_query_codec(container, container->video_codec, 0) == MKTAG('A', 'P', 'I', 'C');
    struct choice best = { 0 };

    for (unsigned i = 0; i < inputs->count; i++) {
        const struct input *input = &inputs->inputs[i];
        struct choice best_here = best_video(input, only_covers);

        if (!best_here.stream)
            continue;
        /* ffmpeg looks at the input's last stream here, whichever is the best. */
        if (only_covers || !is_cover(&input->streams[input->stream_count - 1]))
            best_here.score -= default_score(best_here.stream);
        consider(&best, best_here.stream, best_here.score);
    }
    return best.stream;
}

static const struct input_stream *first_subtitle(const struct input *input,
                                                 const AVCodecDescriptor *out, bool any)
{
    for (unsigned i = 0; i < input->stream_count; i++) {
        const AVCodecParameters *parameters = input->streams[i].stream->codecpar;
        const AVCodecDescriptor *in = avcodec_descriptor_get(parameters->codec_id);

        if (parameters->codec_type == AVMEDIA_TYPE_SUBTITLE && !is_disabled(&input->streams[i]) &&
            (any || (in && out && (subtitle_kind(in->id) & subtitle_kind(out->id))) ||
             (in && out && (!in->props || !out->props))))
            return &input->streams[i];
    }
    return NULL;
}

const struct input_stream *stream_choice_subtitle(const struct input_set *inputs,
                                                  const AVOutputFormat *container, bool any)
{
    const AVCodec *encoder = avcodec_find_encoder(container->subtitle_codec);
    const AVCodecDescriptor *out = encoder ? avcodec_descriptor_get(encoder->id) : NULL;
    const struct input_stream *found = NULL;

    for (unsigned i = 0; (out || any) && !found && i < inputs->count; i++)
        found = first_subtitle(&inputs->inputs[i], out, any);
    return found;
}
