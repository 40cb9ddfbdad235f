/* SPDX-License-Identifier: MIT */

/* Asks libavformat about stream specifiers. */

#include "media/stream_specifier.h"

/* A specifier is only read as far as streams can match it, so there is one of each type to try. */
static bool try_types(AVFormatContext *format, const char *specifier)
{
    for (enum AVMediaType type = AVMEDIA_TYPE_VIDEO; type < AVMEDIA_TYPE_NB; type++) {
        AVStream *stream = avformat_new_stream(format, NULL);

        if (!stream)
            return false;
        stream->codecpar->codec_type = type;
        if (avformat_match_stream_specifier(format, stream, specifier) < 0)
            return false;
    }
    return true;
}

bool stream_specifier_is_valid(const char *specifier)
{
    AVFormatContext *format = avformat_alloc_context();
    bool valid = format && try_types(format, specifier);

    avformat_free_context(format);
    return valid;
}

bool stream_specifier_matches(const char *specifier, const struct stream_place *place)
{
    return avformat_match_stream_specifier(place->format, place->stream, specifier) > 0;
}
