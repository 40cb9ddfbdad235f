/* SPDX-License-Identifier: MIT */

/* Finds out what the streams of an input are. */

#include "media/input_streams.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/channel_layout.h>
#include <libavutil/opt.h>
#include <libavutil/parseutils.h>

#include "base/memory.h"
#include "media/libav.h"
#include "media/recipe_fields.h"
#include "media/recipe_values.h"

void input_streams_force_codecs(struct input *input)
{
    const struct recipe_file *file = input->file;
    AVFormatContext *format = input->format;

    for (size_t i = 0; i < file->setting_count; i++) {
        const struct recipe_setting *setting = &file->settings[i];
        const AVCodec *codec =
            setting->key == RECIPE_CODEC ? recipe_decoder_named(setting->value) : NULL;

        if (!codec)
            continue;
        if (strcmp(setting->specifier, "v") == 0) {
            format->video_codec = codec;
            format->video_codec_id = codec->id;
        } else if (strcmp(setting->specifier, "a") == 0) {
            format->audio_codec = codec;
            format->audio_codec_id = codec->id;
        } else if (strcmp(setting->specifier, "s") == 0) {
            format->subtitle_codec = codec;
            format->subtitle_codec_id = codec->id;
        } else if (strcmp(setting->specifier, "d") == 0) {
            format->data_codec = codec;
            format->data_codec_id = codec->id;
        }
    }
}

/* *codec is what the recipe or the stream asks for; NULL: this build has none. */
static bool choose_decoder(const struct input *input, AVStream *stream, const AVCodec **codec,
                           struct error *err)
{
    const struct stream_place place = { input->format, stream };
    const char *name = recipe_setting(input->file, RECIPE_CODEC, &place);

    *codec = name ? recipe_decoder_named(name) : avcodec_find_decoder(stream->codecpar->codec_id);
    if (!name)
        return true;
    if ((*codec)->type != stream->codecpar->codec_type && !input->recipe->recasts_media)
        return error_set(err, ERROR_MEDIA, "Media.DecoderNotFound",
                         "Invalid decoder type '%s' for stream %d", name, stream->index);
    stream->codecpar->codec_id = (*codec)->id;
    stream->codecpar->codec_type = (*codec)->type;
    return true;
}

/* Eight channels of doubles is the most that a sample usually is. */
enum { SAMPLE_BYTES = 64 };

/* A codec's own option of that name means something else: samples at a time, in Monkey's Audio. */
static void set_limit(const AVCodec *codec, const char *name, uint64_t most, AVDictionary **options)
{
    const AVClass *own = codec ? codec->priv_class : NULL;

    if (most && !(own && av_opt_find(&own, name, NULL, 0, AV_OPT_SEARCH_FAKE_OBJ)))
        av_dict_set_int(options, name, (int64_t)most, AV_DICT_DONT_OVERWRITE);
}

static void set_limits(const struct input *input, const AVCodec *codec, AVDictionary **options)
{
    set_limit(codec, "max_pixels", input->limits.pixels, options);
    set_limit(codec, "max_samples", input->limits.memory / SAMPLE_BYTES, options);
}

static bool find_parameters(struct input *input, struct error *err)
{
    AVFormatContext *format = input->format;
    unsigned count = format->nb_streams;
    AVDictionary **options = memory_new(count + 1, sizeof(AVDictionary *));
    int status;

    for (unsigned i = 0; i < count; i++) {
        const struct stream_place place = { format, format->streams[i] };
        const AVCodec *codec = avcodec_find_decoder(place.stream->codecpar->codec_id);

        options[i] = recipe_codec_options(input->file, codec, &place, false);
        set_limits(input, codec, &options[i]);
    }
    status = avformat_find_stream_info(format, options);
    for (unsigned i = 0; i < count; i++)
        av_dict_free(&options[i]);
    free(options);
    if (status < 0 && format->nb_streams == 0)
        return libav_error(err, status, "find the input's codec parameters");
    return true;
}

bool input_streams_find(struct input *input, struct error *err)
{
    AVFormatContext *format = input->format;
    const AVCodec *codec;

    if (input->limits.streams && format->nb_streams > input->limits.streams)
        return error_set(err, ERROR_MEDIA, "Media.TooManyStreams",
                         "the input has %u streams, more than the limit of %u", format->nb_streams,
                         input->limits.streams);
    for (unsigned i = 0; i < format->nb_streams; i++) {
        if (!choose_decoder(input, format->streams[i], &codec, err))
            return false;
    }
    return !input->file->find_stream_info || find_parameters(input, err);
}

/* Many files say how many channels there are but not where the speakers stand. */
static void guess_layout(AVCodecParameters *parameters, double most)
{
    if (parameters->codec_type == AVMEDIA_TYPE_AUDIO &&
        parameters->ch_layout.order == AV_CHANNEL_ORDER_UNSPEC &&
        parameters->ch_layout.nb_channels <= most)
        av_channel_layout_default(&parameters->ch_layout, parameters->ch_layout.nb_channels);
}

static bool check_pixels(const struct input *input, const AVStream *stream, struct error *err)
{
    const AVCodecParameters *parameters = stream->codecpar;
    uint64_t pixels = (uint64_t)parameters->width * (uint64_t)parameters->height;

    if (!input->limits.pixels || parameters->width <= 0 || parameters->height <= 0 ||
        pixels <= input->limits.pixels)
        return true;
    return error_set(err, ERROR_MEDIA, "Media.TooManyPixels",
                     "stream %d has pictures of %dx%d, more than the limit of %" PRIu64 " pixels",
                     stream->index, parameters->width, parameters->height, input->limits.pixels);
}

static void read_size(const char *size, AVCodecParameters *parameters)
{
    if (size)
        av_parse_video_size(&parameters->width, &parameters->height, size);
}

static bool describe(struct input *input, struct input_stream *stream, struct error *err)
{
    const struct recipe_file *file = input->file;
    const struct stream_place place = { input->format, stream->stream };
    AVCodecParameters *parameters = stream->stream->codecpar;
    const char *tag = recipe_setting(file, RECIPE_TAG, &place);
    const char *discard = recipe_setting(file, RECIPE_DISCARD, &place);
    const char *rate;

    stream->timeline.next_pts = AV_NOPTS_VALUE;
    stream->timeline.next_dts = AV_NOPTS_VALUE;
    stream->timeline.delta_state = AV_NOPTS_VALUE;
    stream->min_pts = INT64_MAX;
    stream->max_pts = INT64_MIN;
    stream->stream->discard = AVDISCARD_ALL;
    stream->discard = AVDISCARD_NONE;
    if (tag)
        parameters->codec_tag = recipe_codec_tag(tag);
    if (!choose_decoder(input, stream->stream, &stream->decoder, err))
        return false;
    stream->time_scale = recipe_number(file, RECIPE_TIME_SCALE, &place, 1);
    stream->autorotates = recipe_number(file, RECIPE_AUTOROTATE, &place, 1) != 0;
    stream->shortens = recipe_number(file, RECIPE_FIX_DURATION, &place, 0) != 0;
    if (parameters->codec_type == AVMEDIA_TYPE_SUBTITLE)
        read_size(recipe_setting(file, RECIPE_CANVAS_SIZE, &place), parameters);
    if (recipe_drops(file, parameters->codec_type))
        stream->discard = AVDISCARD_ALL;
    if (discard)
        recipe_discard(discard, &stream->discard);
    rate = recipe_setting(file, RECIPE_FRAME_RATE, &place);
    if (rate && parameters->codec_type == AVMEDIA_TYPE_VIDEO)
        av_parse_video_rate(&stream->frame_rate, rate);
    guess_layout(parameters, recipe_number(file, RECIPE_LAYOUT_MAX, &place, INT_MAX));
    return check_pixels(input, stream->stream, err);
}

bool input_streams_list(struct input *input, struct error *err)
{
    input->stream_count = input->format->nb_streams;
    input->streams = memory_new(input->stream_count, sizeof(*input->streams));
    for (unsigned i = 0; i < input->stream_count; i++) {
        input->streams[i].input = input;
        input->streams[i].stream = input->format->streams[i];
    }
    /* All are known before one is refused, as the report lists them. */
    for (unsigned i = 0; i < input->stream_count; i++) {
        if (!describe(input, &input->streams[i], err))
            return false;
    }
    return true;
}

AVDictionary *input_decoder_options(const struct input_stream *stream)
{
    const struct input *input = stream->input;
    const struct stream_place place = { input->format, stream->stream };
    AVDictionary *options = recipe_codec_options(input->file, stream->decoder, &place, false);

    set_limits(input, stream->decoder, &options);
    return options;
}
