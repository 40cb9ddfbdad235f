/* SPDX-License-Identifier: MIT */

/* Feeds frames to ebur128, and to a resampler for the peaks between samples. */

#include "media/meter_loudness.h"

#include <math.h>
#include <stdlib.h>

#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/channel_layout.h>
#include <libavutil/mem.h>
#include <libavutil/samplefmt.h>

/* ebur128's meter of true peaks says three digits and passes over the last tenth of a second, so
 * what it does for them is done here: to look at the samples at 192 kHz. */
static const char r128_text[] = "ebur128=metadata=1";
static const char fine_text[] = "aformat=sample_fmts=dbl,aresample=192000,aformat=sample_fmts=dbl";

/* More samples than aresample looks at around one (filter_size is 32 by default). */
enum { RESAMPLER_REACH = 256 };

/* Blocks below this never count, so a stream without louder ones has no loudness (EBU Tech 3341).
 */
static const double absolute_gate = -70;

static int make_source(struct meter_graph *graph, const AVFrame *frame)
{
    AVBufferSrcParameters *parameters = av_buffersrc_parameters_alloc();
    int status;

    graph->source =
        avfilter_graph_alloc_filter(graph->graph, avfilter_get_by_name("abuffer"), "in");
    if (!parameters || !graph->source) {
        av_free(parameters);
        return AVERROR(ENOMEM);
    }
    parameters->format = frame->format;
    parameters->sample_rate = frame->sample_rate;
    parameters->time_base = (AVRational){ 1, frame->sample_rate };
    status = av_channel_layout_copy(&parameters->ch_layout, &frame->ch_layout);
    if (status >= 0)
        status = av_buffersrc_parameters_set(graph->source, parameters);
    av_channel_layout_uninit(&parameters->ch_layout);
    av_free(parameters);
    return status < 0 ? status : avfilter_init_str(graph->source, NULL);
}

static AVFilterInOut *end_of(AVFilterContext *filter, const char *name)
{
    AVFilterInOut *end = avfilter_inout_alloc();

    if (end)
        *end = (AVFilterInOut){ .name = av_strdup(name), .filter_ctx = filter };
    return end;
}

static int join(struct meter_graph *graph, const char *text)
{
    AVFilterInOut *outputs = end_of(graph->source, "in");
    AVFilterInOut *inputs = end_of(graph->sink, "out");
    int status = AVERROR(ENOMEM);

    if (outputs && inputs)
        status = avfilter_graph_parse_ptr(graph->graph, text, &inputs, &outputs, NULL);
    avfilter_inout_free(&outputs);
    avfilter_inout_free(&inputs);
    return status < 0 ? status : avfilter_graph_config(graph->graph, NULL);
}

static bool make_graph(struct meter_graph *graph, const char *text, const AVFrame *frame)
{
    int status;

    graph->graph = avfilter_graph_alloc();
    if (!graph->graph)
        return false;
    graph->graph->nb_threads = 1;
    status = make_source(graph, frame);
    if (status >= 0)
        status = avfilter_graph_create_filter(&graph->sink, avfilter_get_by_name("abuffersink"),
                                              "out", NULL, NULL, graph->graph);
    return status >= 0 && join(graph, text) >= 0;
}

static void look_at_all(struct meter_loudness *loudness, struct meter_graph *graph,
                        void (*look)(struct meter_loudness *loudness))
{
    while (av_buffersink_get_frame(graph->sink, loudness->frame) >= 0) {
        look(loudness);
        av_frame_unref(loudness->frame);
    }
}

/* Runs frame through and looks at all that comes out. The original keeps its own time. */
static bool run(struct meter_loudness *loudness, struct meter_graph *graph, const char *text,
                const AVFrame *frame, void (*look)(struct meter_loudness *loudness))
{
    AVFrame *seen = loudness->frame;

    if (!graph->graph && !make_graph(graph, text, frame))
        return false;
    if (av_frame_ref(seen, frame) < 0)
        return false;
    if (av_buffersrc_add_frame_flags(graph->source, seen, AV_BUFFERSRC_FLAG_PUSH) < 0) {
        av_frame_unref(seen);
        return false;
    }
    look_at_all(loudness, graph, look);
    return true;
}

static void look_at_r128(struct meter_loudness *loudness)
{
    const AVDictionaryEntry *entry =
        av_dict_get(loudness->frame->metadata, "lavfi.r128.I", NULL, 0);

    if (!entry)
        return;
    loudness->integrated = strtod(entry->value, NULL);
    loudness->heard = loudness->integrated > absolute_gate;
}

static void look_at_peaks(struct meter_loudness *loudness)
{
    const AVFrame *frame = loudness->frame;
    const double *samples = (const double *)frame->extended_data[0];
    int count = frame->nb_samples * frame->ch_layout.nb_channels;

    for (int i = 0; i < count; i++)
        loudness->peak = fmax(loudness->peak, fabs(samples[i]));
}

bool meter_loudness_add(struct meter_loudness *loudness, unsigned items, const AVFrame *frame)
{
    if (!loudness->frame)
        loudness->frame = av_frame_alloc();
    if (!loudness->frame)
        return false;
    if ((items & MEASURE_LOUDNESS) &&
        !run(loudness, &loudness->r128, r128_text, frame, look_at_r128))
        return false;
    return !(items & MEASURE_TRUE_PEAK) ||
           run(loudness, &loudness->fine, fine_text, frame, look_at_peaks);
}

void meter_loudness_release(struct meter_loudness *loudness)
{
    avfilter_graph_free(&loudness->r128.graph);
    avfilter_graph_free(&loudness->fine.graph);
    av_frame_free(&loudness->frame);
}

/* The resampler holds the last samples until others follow; told of the end it would mirror them.
 */
static void look_at_last_peaks(struct meter_loudness *loudness)
{
    AVFrame *silence = loudness->frame;
    const AVFilterLink *link;

    if (!loudness->fine.graph || !silence)
        return;
    link = loudness->fine.source->outputs[0];
    silence->format = link->format;
    silence->sample_rate = link->sample_rate;
    silence->nb_samples = RESAMPLER_REACH;
    if (av_channel_layout_copy(&silence->ch_layout, &link->ch_layout) >= 0 &&
        av_frame_get_buffer(silence, 0) >= 0) {
        av_samples_set_silence(silence->extended_data, 0, silence->nb_samples,
                               silence->ch_layout.nb_channels, silence->format);
        if (av_buffersrc_add_frame_flags(loudness->fine.source, silence, AV_BUFFERSRC_FLAG_PUSH) >=
            0)
            look_at_all(loudness, &loudness->fine, look_at_peaks);
    }
    av_frame_unref(silence);
}

void meter_loudness_read(struct meter_loudness *loudness, struct measurements *found)
{
    look_at_last_peaks(loudness);
    found->loudness_lufs = loudness->heard ? loudness->integrated : -INFINITY;
    found->true_peak_dbtp = 20 * log10(loudness->peak);
}
