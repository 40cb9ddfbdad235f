/* SPDX-License-Identifier: MIT */

/* Finds options of libav that nothing in a result takes; ffmpeg warns of those of codecs. */

#include <stdlib.h>
#include <string.h>

#include <libavutil/opt.h>

#include "base/buffer.h"
#include "media/recipe_fields.h"

/* Whether the stream's encoder, or any that a specifier gives to such streams, takes the option. */
static bool is_taken(const struct recipe *recipe, const struct stream_place *place,
                     const char *option)
{
    const struct recipe_file *file = &recipe->output;
    enum AVMediaType type = place->stream->codecpar->codec_type;
    enum AVCodecID usual =
        av_guess_codec(place->format->oformat, NULL, place->format->url, NULL, type);

    if (!recipe_setting(file, RECIPE_CODEC, place) && usual != AV_CODEC_ID_NONE &&
        recipe_codec_takes(avcodec_find_encoder(usual), type, option))
        return true;
    for (size_t i = 0; i < file->setting_count; i++) {
        const char *name = file->settings[i].value;
        const AVCodec *codec;

        if (file->settings[i].key != RECIPE_CODEC)
            continue;
        /* What is copied takes anything, in ffmpeg too. */
        codec = recipe_encoder_named(name);
        if ((!codec || codec->type == type) && recipe_codec_takes(codec, type, option))
            return true;
    }
    return false;
}

static bool is_of_codec(const struct recipe *recipe, AVFormatContext *scratch, const char *option)
{
    static const enum AVMediaType types[] = { AVMEDIA_TYPE_VIDEO, AVMEDIA_TYPE_AUDIO,
                                              AVMEDIA_TYPE_SUBTITLE };
    struct stream_place place = { scratch, avformat_new_stream(scratch, NULL) };

    if (!place.stream)
        return true;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        place.stream->codecpar->codec_type = types[i];
        if (recipe_may_have(recipe, scratch, types[i]) && is_taken(recipe, &place, option))
            return true;
    }
    return false;
}

static bool is_of_muxer(const AVFormatContext *scratch, const char *option)
{
    const AVClass *general = avformat_get_class();
    const AVClass *own = scratch->oformat->priv_class;

    return av_opt_find((void *)&general, option, NULL, 0, AV_OPT_SEARCH_FAKE_OBJ) ||
           (own && av_opt_find((void *)&own, option, NULL, 0,
                               AV_OPT_SEARCH_FAKE_OBJ | AV_OPT_SEARCH_CHILDREN));
}

static void add(struct buffer *list, const char *option)
{
    buffer_append_text(list, list->size > 0 ? ", -" : "-");
    buffer_append_text(list, option);
}

char *recipe_unused(const struct recipe *recipe, const char *name)
{
    const struct recipe_file *file = &recipe->output;
    const AVDictionaryEntry *entry = NULL;
    AVFormatContext *scratch = NULL;
    struct buffer list;

    if (avformat_alloc_output_context2(&scratch, NULL, file->format, name) < 0)
        return NULL;
    buffer_init(&list, SIZE_MAX);
    while ((entry = av_dict_get(file->codec_options, "", entry, AV_DICT_IGNORE_SUFFIX))) {
        bool in_both = av_dict_get(file->format_options, entry->key, NULL, 0) != NULL;

        /* The program's -timecode gives this one to whoever wants it. */
        if (strcmp(entry->key, "gop_timecode") != 0 && !is_of_codec(recipe, scratch, entry->key) &&
            !(in_both && is_of_muxer(scratch, entry->key)))
            add(&list, entry->key);
    }
    while ((entry = av_dict_get(file->format_options, "", entry, AV_DICT_IGNORE_SUFFIX))) {
        if (!is_of_muxer(scratch, entry->key) &&
            !av_dict_get(file->codec_options, entry->key, NULL, 0))
            add(&list, entry->key);
    }
    avformat_free_context(scratch);
    if (list.size > 0)
        return buffer_take(&list);
    buffer_release(&list);
    return NULL;
}
