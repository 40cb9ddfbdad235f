/* SPDX-License-Identifier: MIT */

/* Sets a pipeline up: which streams, through which filters, into which streams. */

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "media/libav.h"
#include "media/output_describe.h"
#include "media/pipeline.h"
#include "media/pipeline_pads.h"
#include "media/recipe_fields.h"
#include "media/stream_map.h"

static struct filter_means means_of(struct pipeline *pipeline)
{
    return (struct filter_means){ pipeline->threads, &pipeline->memory, pipeline->spare };
}

static struct filter *add_filter(struct pipeline *pipeline)
{
    struct filter *filter = memory_new(1, sizeof(*filter));

    pipeline->filters =
        memory_grow(pipeline->filters, pipeline->filter_count + 1, sizeof(struct filter *));
    pipeline->filters[pipeline->filter_count++] = filter;
    return filter;
}

static struct track *add_track(struct pipeline *pipeline, enum AVMediaType type,
                               struct source *source, struct error *err)
{
    struct track *track = memory_new(1, sizeof(*track));

    pipeline->tracks =
        memory_grow(pipeline->tracks, pipeline->track_count + 1, sizeof(struct track *));
    pipeline->tracks[pipeline->track_count++] = track;
    if (!track_init(track, &pipeline->output, type, source, err))
        return NULL;
    if (pipeline->measures && type == AVMEDIA_TYPE_AUDIO && track->kind == TRACK_FILTERED)
        track->meter = meter_new(pipeline->measures);
    return track;
}

static struct source *source_of(struct pipeline *pipeline, const struct input_stream *stream)
{
    return &pipeline->sources[stream->input->first_stream + (unsigned)stream->stream->index];
}

static bool open_graph(struct pipeline *pipeline, const char *text, struct error *err)
{
    struct filter *filter = add_filter(pipeline);
    AVFilterInOut *inputs = NULL;
    bool ok = filter_init_complex(filter, pipeline->recipe, text, means_of(pipeline), &inputs, err);

    for (const AVFilterInOut *end = inputs; ok && end; end = end->next)
        ok = pipeline_pads_connect(pipeline, filter, end, err);
    avfilter_inout_free(&inputs);
    avfilter_graph_free(&filter->graph);
    pipeline->complex_count++;
    return ok;
}

static struct source *only_source(struct pipeline *pipeline, const struct filter *filter)
{
    if (filter->input_count != 1)
        return NULL;
    return source_of(pipeline, filter->inputs[0].stream);
}

/* A stream of the result for one end of a complex graph. */
static bool take_end(struct pipeline *pipeline, struct filter *filter, unsigned end,
                     struct error *err)
{
    struct track *track = add_track(pipeline, filter->outputs[end].type, NULL, err);
    struct stream_place place;
    const char *text;

    if (!track)
        return false;
    if (track->kind != TRACK_FILTERED)
        return error_set(
            err, ERROR_MEDIA, "Media.Unsupported",
            "Streamcopy requested for a stream that is fed from a complex filtergraph; "
            "filtering and streamcopy cannot be used together");
    place = output_place(&pipeline->output, track->to);
    if (!recipe_filter(&pipeline->recipe->output, &place, &text, err))
        return false;
    if (text)
        return error_set(err, ERROR_USAGE, "Avmap.Usage",
                         "-filter %s and -filter_complex cannot be used together for the same "
                         "stream",
                         text);
    if (!track_connect(track, filter, end, false, err))
        return false;
    track->source = only_source(pipeline, filter);
    if (track->source)
        track->encoder.from = track->source->stream;
    return true;
}

static bool take_label(struct pipeline *pipeline, const char *map, struct error *err)
{
    const char *label = map + 1;
    size_t length = strcspn(label, "]");

    for (unsigned i = 0; i < pipeline->complex_count; i++) {
        struct filter *filter = pipeline->filters[i];

        for (unsigned j = 0; j < filter->output_count; j++) {
            const struct filter_output *end = &filter->outputs[j];

            if (end->label && !end->taken && strlen(end->label) == length &&
                strncmp(end->label, label, length) == 0)
                return take_end(pipeline, filter, j, err);
        }
    }
    return error_set(err, ERROR_USAGE, "Avmap.Usage",
                     "Output with label '%.*s' does not exist in any defined filter graph, or was "
                     "already used elsewhere",
                     (int)length, label);
}

static bool take_unlabelled(struct pipeline *pipeline, bool makes[AVMEDIA_TYPE_NB],
                            struct error *err)
{
    for (unsigned i = 0; i < pipeline->complex_count; i++) {
        struct filter *filter = pipeline->filters[i];

        for (unsigned j = 0; j < filter->output_count; j++) {
            if (filter->outputs[j].label)
                continue;
            makes[filter->outputs[j].type] = true;
            if (!take_end(pipeline, filter, j, err))
                return false;
        }
    }
    return true;
}

static bool take_stream(struct pipeline *pipeline, const struct input_stream *stream,
                        struct error *err)
{
    struct source *source = source_of(pipeline, stream);
    enum AVMediaType type = source->stream->stream->codecpar->codec_type;
    struct track *track = add_track(pipeline, type, source, err);
    struct stream_place place;
    struct filter *filter;
    const char *text;

    if (!track)
        return false;
    input_want(source->stream);
    place = output_place(&pipeline->output, track->to);
    if (!recipe_filter(&pipeline->recipe->output, &place, &text, err))
        return false;
    if (track->kind == TRACK_COPIED && text)
        return error_set(err, ERROR_MEDIA, "Media.Unsupported",
                         "Filtering and streamcopy cannot be used together: stream %d is to be "
                         "copied and has a filter",
                         stream->stream->index);
    if (track->kind != TRACK_FILTERED)
        return true;
    filter = add_filter(pipeline);
    filter_init_simple(filter, source->stream, text, means_of(pipeline));
    source_feed(source, filter, 0);
    return track_connect(track, filter, 0, !text && pipeline->complex_count == 0, err);
}

/* -attach: files that are streams of the result after all others. */
static bool attach_files(struct pipeline *pipeline, struct error *err)
{
    const struct recipe_file *file = &pipeline->recipe->output;

    for (size_t i = 0; i < file->attachment_count; i++) {
        const struct recipe_attachment *attachment = &file->attachments[i];
        struct track *track = add_track(pipeline, AVMEDIA_TYPE_ATTACHMENT, NULL, err);

        if (!track)
            return false;
        if (!output_attach(track->to, attachment->name, attachment->bytes, attachment->size))
            return libav_error(err, AVERROR(ENOMEM), "attach %s", attachment->name);
    }
    return true;
}

static bool take_all(struct pipeline *pipeline, struct error *err)
{
    bool graph_makes[AVMEDIA_TYPE_NB] = { false };
    struct stream_map map = { 0 };
    bool ok = take_unlabelled(pipeline, graph_makes, err) &&
              stream_map_make(&map, &pipeline->inputs, &pipeline->output, graph_makes, err);

    for (unsigned i = 0; ok && i < map.count; i++) {
        const struct stream_map_entry *entry = &map.entries[i];

        if (entry->disabled)
            continue;
        ok = entry->label ? take_label(pipeline, entry->label, err)
                          : take_stream(pipeline, entry->stream, err);
    }
    stream_map_release(&map);
    ok = ok && attach_files(pipeline, err);
    if (ok && pipeline->track_count == 0 &&
        !(pipeline->output.format->oformat->flags & AVFMT_NOSTREAMS))
        return error_set(err, ERROR_MEDIA, "Media.NoStream",
                         "the %s no stream that the result could take",
                         pipeline->inputs.count == 1 ? "input has" : "inputs have");
    return ok;
}

static bool check_ends(const struct pipeline *pipeline, struct error *err)
{
    for (unsigned i = 0; i < pipeline->complex_count; i++) {
        const struct filter *filter = pipeline->filters[i];

        for (unsigned j = 0; j < filter->output_count; j++) {
            if (!filter->outputs[j].taken)
                return error_set(err, ERROR_USAGE, "Avmap.Usage",
                                 "-filter_complex %s has an unconnected output%s%s", filter->text,
                                 filter->outputs[j].label ? ": " : "",
                                 filter->outputs[j].label ? filter->outputs[j].label : "");
        }
    }
    return true;
}

static bool open_codecs(struct pipeline *pipeline, struct error *err)
{
    for (unsigned i = 0; i < pipeline->source_count; i++) {
        if (!source_open(&pipeline->sources[i], &pipeline->memory, err))
            return false;
    }
    for (unsigned i = 0; i < pipeline->track_count; i++) {
        if (!track_open(pipeline->tracks[i], err))
            return false;
    }
    return true;
}

static void list_sources(struct pipeline *pipeline)
{
    for (unsigned i = 0; i < pipeline->inputs.count; i++) {
        struct input *input = &pipeline->inputs.inputs[i];

        input->first_stream = pipeline->source_count;
        pipeline->source_count += input->stream_count;
    }
    pipeline->sources = memory_new(pipeline->source_count + 1, sizeof(struct source));
    for (unsigned i = 0; i < pipeline->inputs.count; i++) {
        const struct input *input = &pipeline->inputs.inputs[i];

        for (unsigned j = 0; j < input->stream_count; j++)
            pipeline->sources[input->first_stream + j].stream = &input->streams[j];
    }
}

/* Where only one stream of sound is made, when its filter does what has no influence on anything.
 */
static void shorten_filter(const struct pipeline *pipeline)
{
    struct filter *filter = pipeline->filter_count == 1 ? pipeline->filters[0] : NULL;

    if (filter && filter->simple && pipeline->track_count == 1 &&
        filter->outputs[0].type == AVMEDIA_TYPE_AUDIO)
        filter->alone = true;
}

bool pipeline_open(struct pipeline *pipeline, struct error *err)
{
    const struct recipe *recipe = pipeline->recipe;

    pipeline->packet = av_packet_alloc();
    pipeline->empty = av_packet_alloc();
    if (!pipeline->packet || !pipeline->empty)
        return libav_error(err, AVERROR(ENOMEM), "read packets");
    list_sources(pipeline);
    for (size_t i = 0; i < recipe->graph_count; i++) {
        if (!open_graph(pipeline, recipe->graphs[i], err))
            return false;
    }
    if (!take_all(pipeline, err) || !output_describe(&pipeline->output, &pipeline->inputs, err) ||
        !check_ends(pipeline, err) || !open_codecs(pipeline, err))
        return false;
    shorten_filter(pipeline);
    for (unsigned i = 0; i < pipeline->inputs.count; i++)
        input_discard_unwanted(&pipeline->inputs.inputs[i]);
    return pipeline->track_count > 0 || output_begin(&pipeline->output, err);
}

void pipeline_release(struct pipeline *pipeline)
{
    for (unsigned i = 0; i < pipeline->track_count; i++) {
        track_release(pipeline->tracks[i]);
        free(pipeline->tracks[i]);
    }
    free(pipeline->tracks);
    for (unsigned i = 0; i < pipeline->filter_count; i++) {
        filter_release(pipeline->filters[i]);
        free(pipeline->filters[i]);
    }
    free(pipeline->filters);
    for (unsigned i = 0; i < pipeline->source_count; i++)
        source_release(&pipeline->sources[i]);
    free(pipeline->sources);
    output_release(&pipeline->output);
    for (unsigned i = 0; i < pipeline->inputs.count; i++)
        input_release(&pipeline->inputs.inputs[i]);
    free(pipeline->inputs.inputs);
    av_packet_free(&pipeline->packet);
    av_packet_free(&pipeline->empty);
}
