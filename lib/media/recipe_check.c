/* SPDX-License-Identifier: MIT */

/* Asks a recipe for codecs, and checks it against this libav build. */

#include <stdlib.h>
#include <string.h>

#include <libavutil/avstring.h>
#include <libavutil/opt.h>

#include "base/memory.h"
#include "media/libav.h"
#include "media/recipe_fields.h"
#include "media/recipe_names.h"

/* Muxers that send what they make elsewhere, and why a result cannot be made with each. */
static const struct {
    const char *names;
    const char *why;
} unfit[] = {
    { "tee", "it writes several results at once; a run makes one of each item" },
    { "fifo,rtp,rtp_mpegts,rtsp,sap,whip", "it does not write files" },
    { "hds,smoothstreaming", "it makes its folders by itself; hls and dash do not" },
    { "webm_dash_manifest", "it describes other files; dash makes them, too" },
};

const AVCodec *recipe_decoder_named(const char *name)
{
    const AVCodec *codec = avcodec_find_decoder_by_name(name);
    const AVCodecDescriptor *descriptor = codec ? NULL : avcodec_descriptor_get_by_name(name);

    return descriptor ? avcodec_find_decoder(descriptor->id) : codec;
}

const AVCodec *recipe_encoder_named(const char *name)
{
    const AVCodec *codec = avcodec_find_encoder_by_name(name);
    const AVCodecDescriptor *descriptor = codec ? NULL : avcodec_descriptor_get_by_name(name);

    return descriptor ? avcodec_find_encoder(descriptor->id) : codec;
}

static const AVCodec *usual_encoder(const struct stream_place *place, struct error *err)
{
    const AVOutputFormat *container = place->format->oformat;
    enum AVCodecID id = av_guess_codec(container, NULL, place->format->url, NULL,
                                       place->stream->codecpar->codec_type);
    const AVCodec *codec = avcodec_find_encoder(id);

    if (!codec)
        error_set(err, ERROR_USAGE, "Avmap.Usage",
                  "the usual encoder of format %s (codec %s) is not in this build of libav; "
                  "choose one with -c",
                  container->name, avcodec_get_name(id));
    return codec;
}

const AVCodec *recipe_encoder(const struct recipe *recipe, const struct stream_place *place,
                              bool *copies, struct error *err)
{
    enum AVMediaType type = place->stream->codecpar->codec_type;
    const char *wanted = recipe_setting(&recipe->output, RECIPE_CODEC, place);
    const AVCodec *codec;

    *copies =
        (wanted && strcmp(wanted, "copy") == 0) ||
        (type != AVMEDIA_TYPE_AUDIO && type != AVMEDIA_TYPE_VIDEO && type != AVMEDIA_TYPE_SUBTITLE);
    if (*copies)
        return NULL;
    if (!wanted)
        return usual_encoder(place, err);
    codec = recipe_encoder_named(wanted);
    if (!codec) {
        error_set(err, ERROR_USAGE, "Avmap.Usage", "Unknown encoder '%s'", wanted);
    } else if (codec->type != type) {
        error_set(err, ERROR_USAGE, "Avmap.Usage", "Invalid encoder type '%s' for %s", wanted,
                  av_get_media_type_string(type));
        codec = NULL;
    }
    return codec;
}

/* Keys may end in ":specifier". */
static int try_option(void *object, const AVDictionaryEntry *entry)
{
    char *name = memory_copy_bytes(entry->key, strcspn(entry->key, ":"));
    int status = av_opt_set(object, name, entry->value, AV_OPT_SEARCH_CHILDREN);

    free(name);
    return status;
}

static bool check_options(void *object, const AVDictionary *options, const char *what,
                          struct error *err)
{
    const AVDictionaryEntry *entry = NULL;

    while ((entry = av_dict_get(options, "", entry, AV_DICT_IGNORE_SUFFIX))) {
        int status = try_option(object, entry);

        if (status < 0 && status != AVERROR_OPTION_NOT_FOUND)
            return error_set(err, ERROR_USAGE, "Avmap.Usage", "-%s %s: not a value for %s%s%s%s",
                             entry->key, entry->value, what, libav_last_message()[0] ? " (" : "",
                             libav_last_message(), libav_last_message()[0] ? ")" : "");
    }
    return true;
}

static bool check_codec(const AVCodec *codec, AVDictionary *options, struct error *err)
{
    AVCodecContext *scratch = avcodec_alloc_context3(codec);
    bool ok;

    if (scratch)
        ok = check_options(scratch, options, codec->name, err);
    else
        ok =
            error_set(err, ERROR_LOCAL, "Avmap.MemoryLimit", "no memory for codec %s", codec->name);
    av_dict_free(&options);
    avcodec_free_context(&scratch);
    return ok;
}

bool recipe_filter(const struct recipe_file *file, const struct stream_place *place,
                   const char **text, struct error *err)
{
    const char *script = recipe_setting(file, RECIPE_FILTER_SCRIPT, place);

    *text = recipe_setting(file, RECIPE_FILTER, place);
    if (script && *text)
        return error_set(err, ERROR_USAGE, "Avmap.Usage",
                         "Both -filter and -filter_script set for stream %d of the result",
                         place->stream->index);
    if (script)
        *text = script;
    return true;
}

static bool check_encoder(const struct recipe *recipe, const struct stream_place *place,
                          struct error *err)
{
    bool copies;
    const AVCodec *codec = recipe_encoder(recipe, place, &copies, err);
    const char *filter;

    if (!recipe_filter(&recipe->output, place, &filter, err))
        return false;
    if (copies && filter)
        return error_set(err, ERROR_USAGE, "Avmap.Usage",
                         "Filtering and streamcopy cannot be used together: there are a filter "
                         "and -c copy for the same stream");
    if (!codec)
        return copies;
    return check_codec(codec, recipe_codec_options(&recipe->output, codec, place, true), err);
}

static bool drops(const struct recipe *recipe, enum AVMediaType type)
{
    bool all = true;

    for (size_t i = 0; i < recipe->input_count; i++)
        all = all && recipe_drops(&recipe->inputs[i], type);
    return all || recipe_drops(&recipe->output, type);
}

static bool chooses_streams(const struct recipe *recipe)
{
    for (size_t i = 0; i < recipe->output.setting_count; i++) {
        if (recipe->output.settings[i].key == RECIPE_MAP)
            return true;
    }
    return recipe->graph_count > 0;
}

/* Whether there is a codec for the stream, and it is not one for another type ("-c:0 flac"). */
static bool names_encoder(const struct recipe *recipe, const struct stream_place *place)
{
    const char *name = recipe_setting(&recipe->output, RECIPE_CODEC, place);
    const AVCodec *codec = name ? avcodec_find_encoder_by_name(name) : NULL;

    return name && (!codec || codec->type == place->stream->codecpar->codec_type);
}

static bool is_usual(const AVFormatContext *scratch, enum AVMediaType type)
{
    return av_guess_codec(scratch->oformat, NULL, scratch->url, NULL, type) != AV_CODEC_ID_NONE;
}

bool recipe_may_have(const struct recipe *recipe, const AVFormatContext *scratch,
                     enum AVMediaType type)
{
    return !drops(recipe, type) &&
           (is_usual(scratch, type) || chooses_streams(recipe) || type == AVMEDIA_TYPE_SUBTITLE);
}

/* Tries one stream of each type that the result may have. */
static bool check_streams(const struct recipe *recipe, AVFormatContext *scratch, struct error *err)
{
    static const enum AVMediaType types[] = { AVMEDIA_TYPE_VIDEO, AVMEDIA_TYPE_AUDIO,
                                              AVMEDIA_TYPE_SUBTITLE };
    struct stream_place place = { .format = scratch };

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        bool needed = is_usual(scratch, types[i]) && !chooses_streams(recipe) &&
                      types[i] != AVMEDIA_TYPE_SUBTITLE;

        if (!recipe_may_have(recipe, scratch, types[i]))
            continue;
        place.stream = avformat_new_stream(scratch, NULL);
        if (!place.stream)
            return error_set(err, ERROR_LOCAL, "Avmap.MemoryLimit", "no memory for a stream");
        place.stream->codecpar->codec_type = types[i];
        if ((needed || names_encoder(recipe, &place)) && !check_encoder(recipe, &place, err))
            return false;
    }
    return true;
}

/* Whether some stream can be expected, unless the recipe chooses streams by itself. */
static bool expects_streams(const struct recipe *recipe, const AVFormatContext *scratch)
{
    static const enum AVMediaType types[] = { AVMEDIA_TYPE_VIDEO, AVMEDIA_TYPE_AUDIO,
                                              AVMEDIA_TYPE_SUBTITLE };

    bool expects = chooses_streams(recipe);

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        expects |= !drops(recipe, types[i]) && is_usual(scratch, types[i]);
    return expects;
}

bool recipe_makes_nothing(const struct recipe *recipe)
{
    return recipe->output.format && strcmp(recipe->output.format, "null") == 0;
}

/* A result of no bytes must not come to lie where one of another recipe does. */
static bool check_nothing(const char *name, struct error *err)
{
    const AVOutputFormat *other = av_guess_format(NULL, name, NULL);

    return !other || error_set(err, ERROR_USAGE, "Avmap.Usage",
                               "format null makes results of no bytes, and %s would be a name of "
                               "format %s; give them another, such as --suffix .null",
                               name, other->name);
}

static bool check_fit(const struct recipe *recipe, const AVOutputFormat *container,
                      const char *name, struct error *err)
{
    bool one_picture = strcmp(container->name, "image2") == 0;

    for (size_t i = 0; i < sizeof(unfit) / sizeof(unfit[0]); i++) {
        if (av_match_name(container->name, unfit[i].names))
            return error_set(err, ERROR_USAGE, "Avmap.Usage", "format %s is not supported: %s",
                             container->name, unfit[i].why);
    }
    if (recipe_makes_nothing(recipe))
        return check_nothing(name, err);
    if (recipe_files(recipe, name) != RECIPE_ONE_FILE)
        return recipe_check_names(recipe, err);
    return one_picture || !(container->flags & (AVFMT_NOFILE | AVFMT_NEEDNUMBER)) ||
           error_set(err, ERROR_USAGE, "Avmap.Usage", "format %s does not write files",
                     container->name);
}

bool recipe_check(const struct recipe *recipe, const char *name, struct error *err)
{
    const AVOutputFormat *container = recipe_container(recipe, name, err);
    AVFormatContext *scratch = NULL;
    bool ok;

    if (!container)
        return false;
    if (!check_fit(recipe, container, name, err))
        return false;
    if (avformat_alloc_output_context2(&scratch, container, NULL, name) < 0)
        return error_set(err, ERROR_LOCAL, "Avmap.MemoryLimit", "no memory for a %s muxer",
                         container->name);
    libav_forget_message();
    ok = (container->flags & AVFMT_NOSTREAMS) || expects_streams(recipe, scratch) ||
         error_set(err, ERROR_USAGE, "Avmap.Usage",
                   "a result in format %s would not contain any stream", container->name);
    ok = ok && check_streams(recipe, scratch, err) &&
         check_options(scratch, recipe->output.format_options, container->name, err);
    avformat_free_context(scratch);
    return ok;
}

/* A picture alone has no container; what it is follows from its name. */
static const char *picture_type(const AVOutputFormat *container, const char *name)
{
    const AVCodecDescriptor *codec =
        avcodec_descriptor_get(av_guess_codec(container, NULL, name, NULL, AVMEDIA_TYPE_VIDEO));

    return codec && codec->mime_types ? codec->mime_types[0] : NULL;
}

const char *recipe_content_type(const struct recipe *recipe, const char *name)
{
    struct error ignored;
    const AVOutputFormat *container = recipe_container(recipe, name, &ignored);

    if (container && container->mime_type && container->mime_type[0])
        return container->mime_type;
    return container && strcmp(container->name, "image2") == 0 ? picture_type(container, name)
                                                               : NULL;
}

/* An option that only the demuxer of another format knows would be an error for every item. */
static bool check_demuxer(const struct recipe *recipe, const struct recipe_file *file,
                          const AVInputFormat *demuxer, struct error *err)
{
    const AVClass *general = avformat_get_class();
    const AVClass *own = demuxer->priv_class;
    const AVDictionaryEntry *entry = NULL;

    if (strcmp(demuxer->name, "image2") != 0 && !recipe_may_open(recipe, demuxer))
        return error_set(err, ERROR_USAGE, "Avmap.Usage",
                         "-f %s: this format names other files to open; those are not followed "
                         "(see --allow-demuxer)",
                         demuxer->name);
    while ((entry = av_dict_get(file->format_options, "", entry, AV_DICT_IGNORE_SUFFIX))) {
        if (!av_opt_find((void *)&general, entry->key, NULL, 0, AV_OPT_SEARCH_FAKE_OBJ) &&
            !(own && av_opt_find((void *)&own, entry->key, NULL, 0, AV_OPT_SEARCH_FAKE_OBJ)) &&
            !av_dict_get(file->codec_options, entry->key, NULL, 0))
            return error_set(err, ERROR_USAGE, "Avmap.Usage", "Option %s not found for format %s",
                             entry->key, demuxer->name);
    }
    return true;
}

bool recipe_check_input(const struct recipe *recipe, const struct recipe_file *file,
                        struct error *err)
{
    const AVInputFormat *demuxer = file->format ? av_find_input_format(file->format) : NULL;
    AVFormatContext *format = avformat_alloc_context();
    AVCodecContext *codec = avcodec_alloc_context3(NULL);
    bool ok = format && codec;

    if (!ok)
        error_set(err, ERROR_LOCAL, "Avmap.MemoryLimit", "no memory for options");
    libav_forget_message();
    ok = ok && check_options(format, file->format_options, "the input's format", err) &&
         check_options(codec, file->codec_options, "the input's decoder", err) &&
         (!demuxer || check_demuxer(recipe, file, demuxer, err));
    avcodec_free_context(&codec);
    avformat_free_context(format);
    return ok;
}
