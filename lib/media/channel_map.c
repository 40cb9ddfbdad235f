/* SPDX-License-Identifier: MIT */

/* Reads -map_channel. */

#include "media/channel_map.h"

#include <stdlib.h>
#include <string.h>

#include <libavutil/bprint.h>
#include <libavutil/channel_layout.h>

#include "base/memory.h"

enum { SILENCE = -1, ANY = -1 };

struct channel {
    int file; /* the input's number; SILENCE: of none */
    int stream;
    int channel;   /* SILENCE as well */
    int to_file;   /* ANY: whichever */
    int to_stream; /* the same */
};

/* Numbers with these separators between, as many as there are. */
static unsigned read_numbers(const char *text, const char *separators, int *const numbers[])
{
    unsigned count = 0;

    for (;;) {
        char *end;
        long number = strtol(text, &end, 10);

        if (end == text)
            return count;
        *numbers[count] = (int)number;
        if (!separators[count] || *end != separators[count])
            return count + 1;
        count++;
        text = end + 1;
    }
}

static bool read_channel(const char *text, struct channel *from)
{
    int *const silent[] = { &from->channel, &from->to_file, &from->to_stream };
    int *const usual[] = { &from->file, &from->stream, &from->channel, &from->to_file,
                           &from->to_stream };
    unsigned count = read_numbers(text, ":.", silent);

    if (count == 1)
        from->to_file = from->to_stream = ANY;
    from->file = from->stream = SILENCE;
    if ((count == 1 || count == 3) && from->channel == SILENCE)
        return true;
    count = read_numbers(text, "..:.", usual);
    if (count == 3)
        from->to_file = from->to_stream = ANY;
    return count == 3 || count == 5;
}

const char *channel_map_problem(const char *value, size_t inputs)
{
    struct channel from = { 0 };

    if (!read_channel(value, &from))
        return "Syntax error, expected FILE.STREAM.CHANNEL or -1, and perhaps :FILE.STREAM";
    if (from.file == SILENCE && from.stream == SILENCE)
        return NULL;
    return from.file >= 0 && (size_t)from.file < inputs ? NULL : "invalid input file index";
}

static bool has_channel(const struct input_set *inputs, const struct channel *from, bool optional)
{
    const struct input *input = &inputs->inputs[from->file];
    const struct input_stream *stream;

    if (from->stream < 0 || (unsigned)from->stream >= input->stream_count)
        return false;
    stream = &input->streams[from->stream];
    if (stream->stream->codecpar->codec_type != AVMEDIA_TYPE_AUDIO)
        return false;
    return optional ||
           (from->channel >= 0 && from->channel < stream->stream->codecpar->ch_layout.nb_channels &&
            stream->discard != AVDISCARD_ALL);
}

bool channel_map_check(const struct recipe_file *file, const struct input_set *inputs,
                       struct error *err)
{
    for (size_t i = 0; i < file->setting_count; i++) {
        const char *value = file->settings[i].value;
        struct channel from = { 0 };

        if (file->settings[i].key != RECIPE_MAP_CHANNEL || !read_channel(value, &from) ||
            from.file == SILENCE)
            continue;
        if (!has_channel(inputs, &from, strchr(value, '?') != NULL))
            return error_set(err, ERROR_MEDIA, "Media.NoStream",
                             "-map_channel %s: the input has no such channel; a '?' behind it "
                             "lets it be missing",
                             value);
    }
    return true;
}

static bool is_meant(const struct channel *from, const struct output_stream *to)
{
    const struct input *input;

    if ((from->to_file != ANY && from->to_file != 0) ||
        (from->to_stream != ANY && from->to_stream != to->stream->index))
        return false;
    if (from->channel == SILENCE)
        return true;
    input = to->from ? to->from->input : NULL;
    return input && to->from->stream->index == from->stream &&
           input->file == &input->recipe->inputs[from->file];
}

char *channel_map_pan(const struct recipe_file *file, const struct output_stream *to)
{
    AVChannelLayout layout = { 0 };
    AVBPrint channels;
    AVBPrint text;
    char *pan = NULL;
    int count = 0;

    av_bprint_init(&channels, 0, AV_BPRINT_SIZE_UNLIMITED);
    for (size_t i = 0; i < file->setting_count; i++) {
        struct channel from = { 0 };

        if (file->settings[i].key != RECIPE_MAP_CHANNEL ||
            !read_channel(file->settings[i].value, &from) || !is_meant(&from, to))
            continue;
        if (from.channel != SILENCE)
            av_bprintf(&channels, "|c%d=c%d", count, from.channel);
        count++;
    }
    if (count > 0) {
        av_bprint_init(&text, 0, AV_BPRINT_SIZE_UNLIMITED);
        av_channel_layout_default(&layout, count);
        av_channel_layout_describe_bprint(&layout, &text);
        pan = memory_format("%s%s", text.str, channels.str);
        av_bprint_finalize(&text, NULL);
    }
    av_bprint_finalize(&channels, NULL);
    return pan;
}
