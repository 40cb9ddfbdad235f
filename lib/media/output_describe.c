/* SPDX-License-Identifier: MIT */

/* Tags, chapters and dispositions of a result. */

#include "media/output_describe.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/display.h>
#include <libavutil/eval.h>
#include <libavutil/macros.h>
#include <libavutil/mathematics.h>
#include <libavutil/mem.h>

#include "base/memory.h"
#include "media/libav.h"
#include "media/libav_compat.h"
#include "media/output_program.h"
#include "media/recipe_fields.h"
#include "media/recipe_values.h"
#include "media/time_math.h"

/* Which tags the recipe maps by itself, so that they are not copied by default. */
struct manual {
    bool file;
    bool streams;
    bool chapters;
};

/* Where tags are read or written: "g", "s:SPECIFIER", "c:INDEX" or "p:INDEX". */
struct tag_place {
    char type;
    int index;
    const char *specifier;
};

static struct tag_place parse_place(const char *text)
{
    struct tag_place place = { .type = text[0], .specifier = "" };

    if (!place.type)
        place.type = 'g';
    if (place.type == 's' && text[1] == ':')
        place.specifier = text + 2;
    if ((place.type == 'c' || place.type == 'p') && text[1] == ':')
        place.index = (int)strtol(text + 2, NULL, 0);
    return place;
}

static bool refuse_index(struct error *err, const char *what, int index)
{
    return error_set(err, ERROR_MEDIA, "Media.NoStream", "Invalid %s index %d for metadata", what,
                     index);
}

/* The tags at a place that is not a stream; NULL with *err: there is no such place. */
static AVDictionary **tags_at(AVFormatContext *format, const struct tag_place *place,
                              struct error *err)
{
    if (place->type == 'g')
        return &format->metadata;
    if (place->type == 'c') {
        if (place->index >= 0 && (unsigned)place->index < format->nb_chapters)
            return &format->chapters[place->index]->metadata;
        refuse_index(err, "chapter", place->index);
        return NULL;
    }
    if (place->index >= 0 && (unsigned)place->index < format->nb_programs)
        return &format->programs[place->index]->metadata;
    refuse_index(err, "program", place->index);
    return NULL;
}

static bool copy_chapter(const struct output *output, const struct input *input,
                         const AVChapter *from, bool with_tags)
{
    AVFormatContext *format = output->format;
    int64_t start_us = output->start_us == AV_NOPTS_VALUE ? 0 : output->start_us;
    int64_t shift =
        av_rescale_q(time_minus(start_us, input->ts_offset), AV_TIME_BASE_Q, from->time_base);
    int64_t length = output->duration_us == INT64_MAX
                         ? INT64_MAX
                         : av_rescale_q(output->duration_us, AV_TIME_BASE_Q, from->time_base);
    AVChapter *to;

    if (from->end < shift || (length != INT64_MAX && from->start > time_plus(length, shift)))
        return true;
    to = av_mallocz(sizeof(*to));
    if (!to)
        return false;
    to->id = from->id;
    to->time_base = from->time_base;
    to->start = FFMAX(0, time_minus(from->start, shift));
    to->end = FFMIN(length, time_minus(from->end, shift));
    if (with_tags)
        av_dict_copy(&to->metadata, from->metadata, 0);
    format->chapters[format->nb_chapters++] = to;
    return true;
}

/* -map_chapters, or else the first input that has some; NULL: none. */
static const struct input *input_with_chapters(const struct output *output,
                                               const struct input_set *inputs)
{
    int64_t wanted = output->recipe->output.chapters_from;

    if (wanted != INT_MAX)
        return wanted < 0 ? NULL : &inputs->inputs[wanted];
    for (unsigned i = 0; i < inputs->count; i++) {
        if (inputs->inputs[i].format->nb_chapters > 0)
            return &inputs->inputs[i];
    }
    return NULL;
}

static bool copy_chapters(struct output *output, const struct input_set *inputs, bool with_tags,
                          struct error *err)
{
    const struct input *input = input_with_chapters(output, inputs);
    unsigned count = input ? input->format->nb_chapters : 0;

    if (count == 0)
        return true;
    output->format->chapters = av_calloc(count, sizeof(AVChapter *));
    for (unsigned i = 0; i < count; i++) {
        if (!output->format->chapters ||
            !copy_chapter(output, input, input->format->chapters[i], with_tags))
            return libav_error(err, AVERROR(ENOMEM), "copy chapters");
    }
    return true;
}

static AVDictionary **mapped_tags(const struct input *input, const struct tag_place *from,
                                  struct error *err)
{
    if (from->type != 's')
        return tags_at(input->format, from, err);
    for (unsigned i = 0; i < input->stream_count; i++) {
        const struct stream_place place = { input->format, input->streams[i].stream };

        if (stream_specifier_matches(from->specifier, &place))
            return &input->streams[i].stream->metadata;
    }
    error_set(err, ERROR_MEDIA, "Media.NoStream",
              "-map_metadata: stream specifier %s does not match any streams", from->specifier);
    return NULL;
}

static bool map_tags(struct output *output, const struct input_set *inputs,
                     const struct recipe_setting *setting, struct manual *manual, struct error *err)
{
    struct tag_place to = parse_place(setting->specifier);
    struct tag_place from;
    AVDictionary **tags;
    AVDictionary **target;
    char *end;
    long index = strtol(setting->value, &end, 0);
    bool none = index < 0;

    from = parse_place(*end ? end + 1 : end);
    manual->file |= to.type == 'g' || (!none && from.type == 'g');
    manual->streams |= to.type == 's' || (!none && from.type == 's');
    manual->chapters |= to.type == 'c' || (!none && from.type == 'c');
    if (none) {
        manual->streams |= !setting->specifier[0];
        manual->chapters |= !setting->specifier[0];
        return true;
    }
    tags = mapped_tags(&inputs->inputs[index], &from, err);
    if (!tags)
        return false;
    for (unsigned i = 0; to.type == 's' && i < output->stream_count; i++) {
        const struct stream_place place = output_place(output, output->streams[i]);

        if (stream_specifier_matches(to.specifier, &place))
            av_dict_copy(&place.stream->metadata, *tags, AV_DICT_DONT_OVERWRITE);
    }
    if (to.type == 's')
        return true;
    target = tags_at(output->format, &to, err);
    return target && av_dict_copy(target, *tags, AV_DICT_DONT_OVERWRITE) >= 0;
}

static bool map_all_tags(struct output *output, const struct input_set *inputs,
                         struct manual *manual, struct error *err)
{
    const struct recipe_file *file = &output->recipe->output;

    for (size_t i = 0; i < file->setting_count; i++) {
        if (file->settings[i].key == RECIPE_MAP_METADATA &&
            !map_tags(output, inputs, &file->settings[i], manual, err))
            return false;
    }
    return true;
}

static void copy_file_tags(struct output *output, const struct input *input)
{
    /* What is true of the input file only. */
    static const char *const dropped[] = { "creation_time", "company_name", "product_name",
                                           "product_version" };
    AVDictionary **tags = &output->format->metadata;

    av_dict_copy(tags, input->format->metadata, AV_DICT_DONT_OVERWRITE);
    if (output->recipe->output.duration_us != INT64_MAX)
        av_dict_set(tags, "duration", NULL, 0);
    for (size_t i = 0; i < sizeof(dropped) / sizeof(dropped[0]); i++)
        av_dict_set(tags, dropped[i], NULL, 0);
}

static void copy_stream_tags(const struct output_stream *to)
{
    if (!to->from)
        return;
    av_dict_copy(&to->stream->metadata, to->from->stream->metadata, AV_DICT_DONT_OVERWRITE);
    if (!to->copies)
        av_dict_set(&to->stream->metadata, "encoder", NULL, 0);
}

/* A copied stream is turned by its matrix, which replaces the old tag "rotate". */
static void turn(const struct output_stream *stream, const char *value)
{
    char *end;
    double degrees = av_strtod(value, &end);
    int32_t matrix[9];

    if (*end || !stream->copies)
        return;
    av_display_rotation_set(matrix, -degrees);
    libav_set_display_matrix(stream->stream, matrix);
}

static bool set_tag(struct output *output, const struct recipe_setting *setting, struct error *err)
{
    struct tag_place where = parse_place(setting->specifier);
    const char *equals = strchr(setting->value, '=');
    char *name = memory_copy_bytes(setting->value, (size_t)(equals - setting->value));
    const char *value = equals[1] ? equals + 1 : NULL;
    AVDictionary **tags = NULL;

    for (unsigned i = 0; where.type == 's' && i < output->stream_count; i++) {
        const struct stream_place place = output_place(output, output->streams[i]);

        if (!stream_specifier_matches(where.specifier, &place))
            continue;
        if (strcmp(name, "rotate") == 0)
            turn(output->streams[i], equals + 1);
        else
            av_dict_set(&place.stream->metadata, name, value, 0);
    }
    if (where.type != 's') {
        tags = tags_at(output->format, &where, err);
        if (tags)
            av_dict_set(tags, name, value, 0);
    }
    free(name);
    return tags || where.type == 's';
}

static bool set_tags(struct output *output, struct error *err)
{
    const struct recipe_file *file = &output->recipe->output;

    for (size_t i = 0; i < file->setting_count; i++) {
        if (file->settings[i].key == RECIPE_METADATA && !set_tag(output, &file->settings[i], err))
            return false;
    }
    return true;
}

static const char *wanted_disposition(const struct output *output, unsigned index)
{
    return output_setting(output, output->streams[index], RECIPE_DISPOSITION);
}

/* What -copy_unknown copies has none. */
static bool has_type(const AVStream *stream)
{
    return stream->codecpar->codec_type >= 0 && stream->codecpar->codec_type < AVMEDIA_TYPE_NB;
}

/* Of several streams of a type the first is marked, unless the input or the recipe marks some. */
static void mark_defaults(struct output *output)
{
    unsigned streams[AVMEDIA_TYPE_NB] = { 0 };
    bool marked[AVMEDIA_TYPE_NB] = { false };

    for (unsigned i = 0; i < output->stream_count; i++) {
        const AVStream *stream = output->streams[i]->stream;
        enum AVMediaType type = stream->codecpar->codec_type;

        if (!has_type(stream))
            continue;
        streams[type]++;
        marked[type] |= !!(stream->disposition & AV_DISPOSITION_DEFAULT);
    }
    for (unsigned i = 0; i < output->stream_count; i++) {
        AVStream *stream = output->streams[i]->stream;
        enum AVMediaType type = stream->codecpar->codec_type;

        if (!has_type(stream) || streams[type] < 2 || marked[type] ||
            (stream->disposition & AV_DISPOSITION_ATTACHED_PIC))
            continue;
        stream->disposition |= AV_DISPOSITION_DEFAULT;
        marked[type] = true;
    }
}

static void set_dispositions(struct output *output)
{
    bool manual = false;

    for (unsigned i = 0; i < output->stream_count; i++) {
        const struct output_stream *stream = output->streams[i];
        const char *wanted = wanted_disposition(output, i);

        if (stream->from)
            stream->stream->disposition = stream->from->stream->disposition;
        if (wanted)
            recipe_disposition(wanted, &stream->stream->disposition);
        manual |= wanted != NULL;
    }
    if (!manual)
        mark_defaults(output);
}

bool output_describe(struct output *output, const struct input_set *inputs, struct error *err)
{
    struct manual manual = { 0 };

    if (!map_all_tags(output, inputs, &manual, err) ||
        !copy_chapters(output, inputs, !manual.chapters, err))
        return false;
    if (!manual.file)
        copy_file_tags(output, &inputs->inputs[0]);
    for (unsigned i = 0; !manual.streams && i < output->stream_count; i++)
        copy_stream_tags(output->streams[i]);
    if (!output_program_add_all(output, err) || !set_tags(output, err))
        return false;
    set_dispositions(output);
    return true;
}
