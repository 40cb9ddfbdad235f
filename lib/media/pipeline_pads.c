/* SPDX-License-Identifier: MIT */

/* Feeds the open inputs of complex graphs. */

#include "media/pipeline_pads.h"

#include <stdlib.h>

#include "media/stream_specifier.h"
#include "media/subtitle_canvas.h"

/* Pads for pictures take those of subtitles, too, where they are named. */
static bool suits(const struct input_stream *stream, enum AVMediaType pad, bool named)
{
    enum AVMediaType type = stream->stream->codecpar->codec_type;

    return type == pad || (named && type == AVMEDIA_TYPE_SUBTITLE && pad == AVMEDIA_TYPE_VIDEO);
}

/* "0:a:1", or nothing for the first stream of the pad's type that is not used yet. */
static struct source *find_source(struct pipeline *pipeline, const char *name,
                                  enum AVMediaType type)
{
    char *specifier = NULL;
    long file = name ? strtol(name, &specifier, 0) : 0;

    if (file < 0 || file >= (long)pipeline->inputs.count)
        return NULL;
    if (specifier)
        specifier += *specifier == ':';
    for (unsigned i = 0; i < pipeline->source_count; i++) {
        struct source *source = &pipeline->sources[i];
        const struct input_stream *stream = source->stream;
        const struct stream_place place = { stream->input->format, stream->stream };

        if (!suits(stream, type, name != NULL) || stream->discard == AVDISCARD_ALL)
            continue;
        if (specifier ? stream->input == &pipeline->inputs.inputs[file] &&
                            stream_specifier_matches(specifier, &place)
                      : !source->used)
            return source;
    }
    return NULL;
}

bool pipeline_pads_connect(struct pipeline *pipeline, struct filter *filter,
                           const AVFilterInOut *end, struct error *err)
{
    enum AVMediaType type = avfilter_pad_get_type(end->filter_ctx->input_pads, end->pad_idx);
    struct source *source = find_source(pipeline, end->name, type);

    if (!source)
        return error_set(err, ERROR_MEDIA, "Media.NoStream",
                         "input %s of -filter_complex %s matches no streams",
                         end->name ? end->name : end->filter_ctx->filter->name, filter->text);
    source->used = source->decodes = true;
    if (!source->canvas && source->stream->stream->codecpar->codec_type == AVMEDIA_TYPE_SUBTITLE)
        source->canvas = subtitle_canvas_new(source);
    filter_add_input(filter, source->stream, source->canvas);
    source_feed(source, filter, filter->input_count - 1);
    input_want(source->stream);
    return true;
}
