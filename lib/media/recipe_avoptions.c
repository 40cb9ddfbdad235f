/* SPDX-License-Identifier: MIT */

/* The options of libav itself: where each goes, and which apply to a stream. */

#include <stdlib.h>
#include <string.h>

#include <libavutil/avstring.h>
#include <libavutil/eval.h>
#include <libavutil/intreadwrite.h>
#include <libavutil/opt.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>

#include "media/recipe_fields.h"

enum { NAME_SIZE = 128 };

const char *recipe_setting(const struct recipe_file *file, enum recipe_key key,
                           const struct stream_place *place)
{
    for (size_t i = file->setting_count; i > 0; i--) {
        const struct recipe_setting *setting = &file->settings[i - 1];

        if (setting->key == key && stream_specifier_matches(setting->specifier, place))
            return setting->value;
    }
    return NULL;
}

double recipe_number(const struct recipe_file *file, enum recipe_key key,
                     const struct stream_place *place, double fallback)
{
    const char *value = recipe_setting(file, key, place);

    return value ? av_strtod(value, NULL) : fallback;
}

uint32_t recipe_codec_tag(const char *value)
{
    char *end;
    long number = strtol(value, &end, 0);

    return *end && strlen(value) >= 4 ? AV_RL32((const uint8_t *)value) : (uint32_t)number;
}

bool recipe_drops(const struct recipe_file *file, enum AVMediaType type)
{
    return (type == AVMEDIA_TYPE_VIDEO && file->drops_video) ||
           (type == AVMEDIA_TYPE_AUDIO && file->drops_audio) ||
           (type == AVMEDIA_TYPE_SUBTITLE && file->drops_subtitles) ||
           (type == AVMEDIA_TYPE_DATA && file->drops_data);
}

/* An option without flags is not meant for command lines. */
static const AVOption *find(const AVClass *class, const char *name, int flags, int search)
{
    const AVOption *option =
        class ? av_opt_find((void *)&class, name, NULL, flags, search | AV_OPT_SEARCH_FAKE_OBJ)
              : NULL;

    return option && option->flags ? option : NULL;
}

/* The codecs' option of that name; ffmpeg also takes "ab" for the b of audio. */
static const AVOption *find_codec(const char *name, int flags)
{
    const AVClass *class = avcodec_get_class();
    const AVOption *found = find(class, name, flags, AV_OPT_SEARCH_CHILDREN);

    if (!found && name[0] && strchr("vas", name[0]))
        found = find(class, name + 1, flags, 0);
    return found;
}

bool recipe_option_is_known(const char *name)
{
    return find_codec(name, 0) || find(avformat_get_class(), name, 0, AV_OPT_SEARCH_CHILDREN) ||
           find(sws_get_class(), name, 0, AV_OPT_SEARCH_CHILDREN) ||
           find(swr_get_class(), name, 0, AV_OPT_SEARCH_CHILDREN);
}

/* "+a" and "-a" change single flags, so a repeated option adds to what was given before. */
static void set(AVDictionary **dictionary, const AVOption *option, const char *name,
                const char *value)
{
    bool adds = option->type == AV_OPT_TYPE_FLAGS && (value[0] == '+' || value[0] == '-');

    av_dict_set(dictionary, name, value, adds ? AV_DICT_APPEND : 0);
}

static const char *set_conversion(struct recipe *recipe, enum recipe_scope scope, const char *name,
                                  const char *value)
{
    static const char sizes[] = "srcw,srch,dstw,dsth,src_format,dst_format";
    const AVOption *scale = find(sws_get_class(), name, 0, AV_OPT_SEARCH_CHILDREN);
    const AVOption *resample = find(swr_get_class(), name, 0, AV_OPT_SEARCH_CHILDREN);
    struct SwsContext *sws = scale ? sws_alloc_context() : NULL;
    struct SwrContext *swr = !scale && resample ? swr_alloc() : NULL;
    const char *problem = "";

    if (scope == RECIPE_INPUT && (scale || resample))
        problem = "this is no option for the input";
    else if (scale && av_match_name(name, sizes))
        problem = "Directly using swscale dimensions/format options is not supported, please use "
                  "the -s or -pix_fmt options";
    else if ((sws && av_opt_set(sws, name, value, 0) < 0) ||
             (swr && av_opt_set(swr, name, value, 0) < 0))
        problem = "not a value for this option";
    else if (scale || resample)
        problem = NULL;
    if (!problem)
        set(scale ? &recipe->scale_options : &recipe->resample_options, scale ? scale : resample,
            name, value);
    sws_freeContext(sws);
    swr_free(&swr);
    return problem;
}

const char *recipe_route_option(struct recipe *recipe, enum recipe_scope scope, const char *word,
                                const char *value)
{
    bool encodes = scope == RECIPE_OUTPUT;
    struct recipe_file *file = encodes ? &recipe->output : &recipe->inputs[recipe->input_count - 1];
    int flags = encodes ? AV_OPT_FLAG_ENCODING_PARAM : AV_OPT_FLAG_DECODING_PARAM;
    const AVOption *of_codec;
    const AVOption *of_format = find(avformat_get_class(), word, 0, AV_OPT_SEARCH_CHILDREN);
    char name[NAME_SIZE];

    av_strlcpy(name, word, sizeof(name));
    name[strcspn(name, ":")] = '\0';
    of_codec = find_codec(name, 0);
    if (of_codec && !of_format && !find_codec(name, flags))
        return encodes ? "Codec AVOption is not an encoding option"
                       : "Codec AVOption is not a decoding option";
    if (of_codec)
        set(&file->codec_options, of_codec, word, value);
    if (of_format)
        set(&file->format_options, of_format, word, value);
    return of_codec || of_format ? NULL : set_conversion(recipe, scope, word, value);
}

static int type_flags(enum AVMediaType type)
{
    switch (type) {
    case AVMEDIA_TYPE_AUDIO:
        return AV_OPT_FLAG_AUDIO_PARAM;
    case AVMEDIA_TYPE_VIDEO:
        return AV_OPT_FLAG_VIDEO_PARAM;
    case AVMEDIA_TYPE_SUBTITLE:
        return AV_OPT_FLAG_SUBTITLE_PARAM;
    default:
        return 0;
    }
}

static char type_letter(enum AVMediaType type)
{
    switch (type) {
    case AVMEDIA_TYPE_VIDEO:
        return 'v';
    case AVMEDIA_TYPE_AUDIO:
        return 'a';
    case AVMEDIA_TYPE_SUBTITLE:
        return 's';
    default:
        return '\0';
    }
}

/* The key as the codec knows it. NULL: not its own. Nobody knows codecs that are not there. */
static const char *codec_key(const AVCodec *codec, enum AVMediaType type, int flags,
                             const char *key)
{
    const AVClass *class = avcodec_get_class();

    flags |= type_flags(type);
    if (!codec || find(class, key, flags, 0) || find(codec->priv_class, key, flags, 0))
        return key;
    if (type_letter(type) && key[0] == type_letter(type) && find(class, key + 1, flags, 0))
        return key + 1;
    return NULL;
}

/* "v:1" is for pictures alone; a number or a tag says nothing of the type. */
static bool may_be_for(const char *specifier, enum AVMediaType type)
{
    if (!specifier[0] || !strchr("vVasdt", specifier[0]) || (specifier[1] && specifier[1] != ':'))
        return true;
    return av_tolower(specifier[0]) == type_letter(type);
}

bool recipe_codec_takes(const AVCodec *codec, enum AVMediaType type, const char *option)
{
    size_t length = strcspn(option, ":");
    char name[NAME_SIZE];

    if (option[length] && !may_be_for(option + length + 1, type))
        return false;
    av_strlcpy(name, option, sizeof(name));
    name[strcspn(name, ":")] = '\0';
    return codec_key(codec, type, AV_OPT_FLAG_ENCODING_PARAM, name) != NULL;
}

AVDictionary *recipe_codec_options(const struct recipe_file *file, const AVCodec *codec,
                                   const struct stream_place *place, bool encodes)
{
    int flags = encodes ? AV_OPT_FLAG_ENCODING_PARAM : AV_OPT_FLAG_DECODING_PARAM;
    AVDictionary *options = NULL;
    const AVDictionaryEntry *entry = NULL;

    while ((entry = av_dict_get(file->codec_options, "", entry, AV_DICT_IGNORE_SUFFIX))) {
        char name[NAME_SIZE];
        const char *specifier = strchr(entry->key, ':');
        const char *key;

        av_strlcpy(name, entry->key, sizeof(name));
        name[strcspn(name, ":")] = '\0';
        if (specifier && !stream_specifier_matches(specifier + 1, place))
            continue;
        key = codec_key(codec, place->stream->codecpar->codec_type, flags, name);
        if (key)
            av_dict_set(&options, key, entry->value, 0);
    }
    return options;
}
