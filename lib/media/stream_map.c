/* SPDX-License-Identifier: MIT */

/* Reads -map, or chooses by default. */

#include "media/stream_map.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "media/recipe_fields.h"
#include "media/stream_choice.h"

static void add(struct stream_map *map, const struct input_stream *stream, const char *label)
{
    map->entries = memory_grow(map->entries, map->count + 1, sizeof(*map->entries));
    map->entries[map->count++] = (struct stream_map_entry){ .stream = stream, .label = label };
}

static bool matches(const struct input_stream *stream, const char *specifier)
{
    const struct stream_place place = { stream->input->format, stream->stream };

    return stream_specifier_matches(specifier, &place);
}

static bool take(struct stream_map *map, const struct input *input, const char *specifier)
{
    bool any = false;

    for (unsigned i = 0; i < input->stream_count; i++) {
        if (matches(&input->streams[i], specifier) && input->streams[i].discard != AVDISCARD_ALL) {
            add(map, &input->streams[i], NULL);
            any = true;
        }
    }
    return any;
}

/* Any earlier map will do for ffmpeg, whether this one takes something away from it or not. */
static bool take_away(struct stream_map *map, const struct input *input, const char *specifier)
{
    for (unsigned i = 0; i < map->count; i++) {
        const struct input_stream *stream = map->entries[i].stream;

        if (stream && stream->input == input && matches(stream, specifier))
            map->entries[i].disabled = true;
    }
    return map->count > 0;
}

/* ",FILE[:SPECIFIER]" names a stream to keep time with, which no longer does anything but exist. */
static bool has_sync(const struct input_set *inputs, const char *value)
{
    const char *comma = strchr(value, ',');
    char *specifier;
    long file;

    if (!comma)
        return true;
    file = strtol(comma + 1, &specifier, 0);
    specifier += *specifier == ':';
    if (file < 0 || file >= (long)inputs->count || !stream_specifier_is_valid(specifier))
        return false;
    for (unsigned i = 0; i < inputs->inputs[file].stream_count; i++) {
        const struct input_stream *stream = &inputs->inputs[file].streams[i];

        if (matches(stream, specifier))
            return stream->discard != AVDISCARD_ALL;
    }
    return false;
}

static bool read_map(struct stream_map *map, const struct input_set *inputs, const char *value,
                     struct error *err)
{
    bool negative = value[0] == '-';
    const struct input *input;
    char *copy;
    char *specifier;
    bool optional;
    bool any;

    /* ffmpeg takes no label away; it takes the end whichever way it is named. */
    if (value[negative] == '[') {
        add(map, NULL, value + negative);
        return true;
    }
    copy = memory_copy_text(value + negative);
    if (!has_sync(inputs, value)) {
        free(copy);
        return error_set(err, ERROR_MEDIA, "Media.NoStream",
                         "Sync stream specification in map %s does not match any streams", value);
    }
    copy[strcspn(copy, ",")] = '\0';
    optional = strchr(copy, '?') != NULL;
    copy[strcspn(copy, "?")] = '\0';
    input = &inputs->inputs[strtol(copy, &specifier, 0)];
    specifier += *specifier == ':';
    any = negative ? take_away(map, input, specifier) : take(map, input, specifier);
    free(copy);
    return any || optional ||
           error_set(err, ERROR_MEDIA, "Media.NoStream",
                     "Stream map '%s' matches no streams; to ignore this, add a trailing '?' to "
                     "the map",
                     value);
}

static bool drops(const struct recipe_file *file, const bool *graph_makes, enum AVMediaType type)
{
    return recipe_drops(file, type) || (type >= 0 && type < AVMEDIA_TYPE_NB && graph_makes[type]);
}

static bool takes(const struct output *output, enum AVMediaType type)
{
    return av_guess_codec(output->format->oformat, NULL, output->format->url, NULL, type) !=
           AV_CODEC_ID_NONE;
}

static bool names_subtitle_codec(const struct recipe_file *file)
{
    for (size_t i = 0; i < file->setting_count; i++) {
        if (file->settings[i].key == RECIPE_CODEC && strcmp(file->settings[i].specifier, "s") == 0)
            return true;
    }
    return false;
}

static void add_chosen(struct stream_map *map, const struct input_stream *stream)
{
    if (stream)
        add(map, stream, NULL);
}

static void add_data(struct stream_map *map, const struct input *input, enum AVCodecID codec)
{
    for (unsigned i = 0; i < input->stream_count; i++) {
        const AVCodecParameters *parameters = input->streams[i].stream->codecpar;

        if (parameters->codec_type == AVMEDIA_TYPE_DATA && parameters->codec_id == codec &&
            input->streams[i].discard != AVDISCARD_ALL)
            add(map, &input->streams[i], NULL);
    }
}

static void choose(struct stream_map *map, const struct input_set *inputs,
                   const struct output *output, const bool *graph_makes)
{
    const struct recipe_file *file = &output->recipe->output;
    const AVOutputFormat *container = output->format->oformat;

    if (!drops(file, graph_makes, AVMEDIA_TYPE_VIDEO) && takes(output, AVMEDIA_TYPE_VIDEO))
        add_chosen(map, stream_choice_video(inputs, container));
    if (!drops(file, graph_makes, AVMEDIA_TYPE_AUDIO) && takes(output, AVMEDIA_TYPE_AUDIO))
        add_chosen(map, stream_choice_audio(inputs));
    if (!drops(file, graph_makes, AVMEDIA_TYPE_SUBTITLE))
        add_chosen(map, stream_choice_subtitle(inputs, container, names_subtitle_codec(file)));
    if (drops(file, graph_makes, AVMEDIA_TYPE_DATA) || !takes(output, AVMEDIA_TYPE_DATA))
        return;
    for (unsigned i = 0; i < inputs->count; i++)
        add_data(map, &inputs->inputs[i],
                 av_guess_codec(container, NULL, output->format->url, NULL, AVMEDIA_TYPE_DATA));
}

/* -an and the like also count for mapped streams, and types that cannot be copied are refused. */
static bool sort_out(struct stream_map *map, const struct output *output, const bool *graph_makes,
                     struct error *err)
{
    const struct recipe *recipe = output->recipe;

    for (unsigned i = 0; i < map->count; i++) {
        struct stream_map_entry *entry = &map->entries[i];
        enum AVMediaType type;

        if (entry->label || entry->disabled)
            continue;
        type = entry->stream->stream->codecpar->codec_type;
        entry->disabled = drops(&recipe->output, graph_makes, type);
        if (type >= 0 && type < AVMEDIA_TYPE_NB)
            continue;
        if (!recipe->copies_unknown && !recipe->ignores_unknown)
            return error_set(err, ERROR_MEDIA, "Media.Unsupported",
                             "Cannot map stream %d - unsupported type; -ignore_unknown leaves such "
                             "streams out, -copy_unknown copies them",
                             entry->stream->stream->index);
        entry->disabled = !recipe->copies_unknown;
    }
    return true;
}

bool stream_map_make(struct stream_map *map, const struct input_set *inputs,
                     const struct output *output, const bool graph_makes[AVMEDIA_TYPE_NB],
                     struct error *err)
{
    const struct recipe_file *file = &output->recipe->output;

    *map = (struct stream_map){ 0 };
    for (size_t i = 0; i < file->setting_count; i++) {
        if (file->settings[i].key == RECIPE_MAP &&
            !read_map(map, inputs, file->settings[i].value, err))
            return false;
    }
    map->given = map->count > 0;
    if (map->given)
        return sort_out(map, output, graph_makes, err);
    choose(map, inputs, output, graph_makes);
    return true;
}

void stream_map_release(struct stream_map *map)
{
    free(map->entries);
    *map = (struct stream_map){ 0 };
}
