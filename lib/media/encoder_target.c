/* SPDX-License-Identifier: MIT */

/* Says what filters must make for an encoder. */

#include <stdlib.h>

#include <libavutil/channel_layout.h>
#include <libavutil/eval.h>
#include <libavutil/samplefmt.h>

#include "media/channel_map.h"
#include "media/encoder.h"
#include "media/encoder_video.h"
#include "media/libav.h"
#include "media/libav_compat.h"
#include "media/recipe_fields.h"

/* -ac says how many channels; the encoder's own list says how they should stand. */
static bool layout_for_channels(const AVCodec *codec, int channels, AVChannelLayout *layout)
{
    const AVChannelLayout *known = libav_layouts(codec);

    for (; known && known->nb_channels; known++) {
        if (known->nb_channels == channels)
            return av_channel_layout_copy(layout, known) >= 0;
    }
    av_channel_layout_default(layout, channels);
    return true;
}

static bool target_layout(const struct encoder *encoder, struct filter_target *target)
{
    const AVCodec *codec = encoder->context->codec;
    const char *channels = encoder_setting(encoder, RECIPE_CHANNELS);
    const char *layout = encoder_setting(encoder, RECIPE_LAYOUT);

    if (layout)
        return av_channel_layout_from_string(&target->shape.layout, layout) >= 0;
    if (channels && av_strtod(channels, NULL) > 0)
        return layout_for_channels(codec, (int)av_strtod(channels, NULL), &target->shape.layout);
    target->layouts = libav_layouts(codec);
    return true;
}

static bool target_audio(const struct encoder *encoder, struct filter_target *target)
{
    const AVCodec *codec = encoder->context->codec;
    const char *format = encoder_setting(encoder, RECIPE_SAMPLE_FORMAT);
    const char *rate = encoder_setting(encoder, RECIPE_SAMPLE_RATE);

    if (format)
        target->shape.format = av_get_sample_fmt(format);
    else
        target->sample_formats = libav_sample_formats(codec);
    if (rate)
        target->shape.sample_rate = (int)av_strtod(rate, NULL);
    if (target->shape.sample_rate == 0)
        target->sample_rates = libav_sample_rates(codec);
    target->pan = channel_map_pan(&encoder->output->recipe->output, encoder->to);
    target->needs_24_bits = av_get_exact_bits_per_sample(codec->id) == 24;
    return target_layout(encoder, target);
}

/* -apad only counts with -shortest beside pictures. */
static const char *padding(const struct encoder *encoder)
{
    const AVFormatContext *format = encoder->output->format;
    bool shortest = encoder->output->recipe->output.shortest;

    for (unsigned i = 0; shortest && i < format->nb_streams; i++) {
        if (format->streams[i]->codecpar->codec_type == AVMEDIA_TYPE_VIDEO)
            return encoder_setting(encoder, RECIPE_PAD);
    }
    return NULL;
}

/* ffmpeg gives an encoder's -threads to its filters, too. */
static int filter_threads(const struct encoder *encoder)
{
    const AVDictionaryEntry *entry = av_dict_get(encoder->options, "threads", NULL, 0);

    return entry ? (int)strtol(entry->value, NULL, 10) : 0;
}

bool encoder_target(const struct encoder *encoder, struct filter_target *target, struct error *err)
{
    *target = (struct filter_target){
        .shape = { .format = -1 },
        .resample_options = encoder->output->recipe->resample_options,
        .scale_options = encoder->output->recipe->scale_options,
        .pad = padding(encoder),
        .threads = filter_threads(encoder),
        .start_us = encoder->output->start_us,
        .duration_us = encoder->output->duration_us,
    };
    if (encoder->context->codec_type == AVMEDIA_TYPE_VIDEO)
        encoder_video_target(encoder, target);
    else if (!target_audio(encoder, target))
        return libav_error(err, AVERROR(ENOMEM), "choose a channel layout");
    return true;
}
