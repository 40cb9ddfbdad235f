/* SPDX-License-Identifier: MIT */

/* Looks through libav's own lists. */

#include "media/recipe_suggest.h"

#include <stdbool.h>
#include <stddef.h>

#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>
#include <libavformat/avformat.h>
#include <libavutil/pixdesc.h>

#include "base/nearest.h"

/* A format's name stands for its usual encoder or decoder. */
static const char *near_codec(const char *typed, bool encodes)
{
    const char *best = NULL;
    const AVCodecDescriptor *format = NULL;
    const AVCodec *codec;
    void *place = NULL;

    while ((format = avcodec_descriptor_next(format))) {
        if (encodes ? avcodec_find_encoder(format->id) : avcodec_find_decoder(format->id))
            nearest_consider(typed, format->name, &best);
    }
    while ((codec = av_codec_iterate(&place))) {
        if (encodes ? av_codec_is_encoder(codec) : av_codec_is_decoder(codec))
            nearest_consider(typed, codec->name, &best);
    }
    return best;
}

/* Each of libav's lists has its own type, and a name in it. */
#define NEAR_IN_LIST(function, type, iterate)                                                      \
    static const char *function(const char *typed)                                                 \
    {                                                                                              \
        const char *best = NULL;                                                                   \
        const type *member;                                                                        \
        void *place = NULL;                                                                        \
                                                                                                   \
        while ((member = iterate(&place)))                                                         \
            nearest_consider(typed, member->name, &best);                                          \
        return best;                                                                               \
    }

NEAR_IN_LIST(near_muxer, AVOutputFormat, av_muxer_iterate)
NEAR_IN_LIST(near_demuxer, AVInputFormat, av_demuxer_iterate)
NEAR_IN_LIST(near_filter, AVFilter, av_filter_iterate)

static const char *near_pixel_format(const char *typed)
{
    const char *best = NULL;
    const AVPixFmtDescriptor *format = NULL;

    while ((format = av_pix_fmt_desc_next(format)))
        nearest_consider(typed, format->name, &best);
    return best;
}

const char *recipe_suggest(enum suggestion kind, const char *typed)
{
    switch (kind) {
    case SUGGEST_ENCODER:
        return near_codec(typed, true);
    case SUGGEST_DECODER:
        return near_codec(typed, false);
    case SUGGEST_MUXER:
        return near_muxer(typed);
    case SUGGEST_DEMUXER:
        return near_demuxer(typed);
    case SUGGEST_FILTER:
        return near_filter(typed);
    case SUGGEST_PIXEL_FORMAT:
        return near_pixel_format(typed);
    }
    return NULL;
}
