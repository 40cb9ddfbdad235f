/* SPDX-License-Identifier: MIT */

/* Builds filter graphs as ffmpeg does. */

#include <string.h>

#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/bprint.h>
#include <libavutil/opt.h>

#include "media/filter.h"
#include "media/filter_ends.h"
#include "media/filter_spare.h"
#include "media/libav.h"
#include "media/recipe_fields.h"
#include "media/subtitle_canvas.h"

static void join_options(const AVDictionary *options, AVBPrint *text)
{
    const AVDictionaryEntry *entry = NULL;

    while ((entry = av_dict_get(options, "", entry, AV_DICT_IGNORE_SUFFIX)))
        av_bprintf(text, "%s%s=%s", text->len ? ":" : "", entry->key, entry->value);
}

/* Options for the resamplers and scalers that libavfilter inserts by itself. */
static int set_conversion_options(struct filter *filter)
{
    const struct filter_target *target = &filter->outputs[0].target;
    AVBPrint text;
    int status;

    av_bprint_init(&text, 0, AV_BPRINT_SIZE_UNLIMITED);
    join_options(target->scale_options, &text);
    status = av_opt_set(filter->graph, "scale_sws_opts", text.str, 0);
    av_bprint_clear(&text);
    join_options(target->resample_options, &text);
    if (target->needs_24_bits)
        av_bprintf(&text, "%soutput_sample_bits=24", text.len ? ":" : "");
    if (status >= 0)
        status = av_opt_set(filter->graph, "aresample_swr_opts", text.str, 0);
    av_bprint_finalize(&text, NULL);
    return status;
}

/* All parts of a picture on one thread, cut as for several. */
static int run_parts(AVFilterContext *filter, avfilter_action_func *work, void *arg, int *results,
                     int count)
{
    for (int i = 0; i < count; i++) {
        int result = work(filter, arg, i, count);

        if (results)
            results[i] = result;
    }
    return 0;
}

/*
 * Pictures are cut into as many parts as ffmpeg cuts them, since libswscale shows where it cut;
 * only the number of threads that work on the parts is ours.
 */
static int set_threads(struct filter *filter)
{
    const struct recipe *recipe = filter->recipe;
    const char *wanted = filter->simple ? recipe->filter_threads : recipe->filter_complex_threads;
    AVFilterGraph *graph = filter->graph;
    int status = 0;

    graph->nb_threads =
        filter->simple && !filter->configured ? filter->outputs[0].target.threads : 0;
    if (wanted)
        status = av_opt_set(graph, "threads", wanted, 0);
    if (graph->nb_threads == 0)
        graph->nb_threads = libav_usual_threads();
    if (!wanted && filter->means.threads == 1)
        graph->execute = run_parts;
    return status;
}

static int set_options(struct filter *filter)
{
    int status = set_threads(filter);

    if (status >= 0 && filter->simple)
        status = set_conversion_options(filter);
    return status;
}

static bool is_source(const AVFilterContext *filter)
{
    return filter->nb_inputs == 0 && (strcmp(filter->filter->name, "buffer") == 0 ||
                                      strcmp(filter->filter->name, "abuffer") == 0);
}

static bool leaves_content_alone(const AVFilterGraph *graph)
{
    for (unsigned i = 0; i < graph->nb_filters; i++) {
        const AVFilterContext *filter = graph->filters[i];

        if (filter->nb_outputs > 0 && !is_source(filter) &&
            !(filter->filter->flags & AVFILTER_FLAG_METADATA_ONLY))
            return false;
    }
    return true;
}

static int make_ends(struct filter *filter, const AVFilterInOut *inputs,
                     const AVFilterInOut *outputs)
{
    int status = 0;

    for (unsigned i = 0; status >= 0 && i < filter->input_count && inputs; i++) {
        status = filter_ends_make_source(filter, i, inputs->filter_ctx, (unsigned)inputs->pad_idx);
        inputs = inputs->next;
    }
    for (unsigned i = 0; status >= 0 && i < filter->output_count && outputs; i++) {
        status = filter_ends_make_sink(filter, i, outputs->filter_ctx, (unsigned)outputs->pad_idx);
        outputs = outputs->next;
    }
    return status;
}

static int build(struct filter *filter)
{
    AVFilterInOut *inputs = NULL;
    AVFilterInOut *outputs = NULL;
    int status = set_options(filter);

    if (status >= 0)
        status = avfilter_graph_parse2(filter->graph, filter->text, &inputs, &outputs);
    if (status >= 0 && filter->simple && (!inputs || inputs->next || !outputs || outputs->next))
        status = AVERROR(EINVAL);
    if (status >= 0)
        status = make_ends(filter, inputs, outputs);
    avfilter_inout_free(&inputs);
    avfilter_inout_free(&outputs);
    if (!filter->recipe->converts)
        avfilter_graph_set_auto_convert(filter->graph, (unsigned)AVFILTER_AUTO_CONVERT_NONE);
    return status >= 0 ? avfilter_graph_config(filter->graph, NULL) : status;
}

/* A later graph must give what the first one gave, because the encoder is open by then. */
static void keep_result_shape(struct filter_output *output)
{
    struct frame_shape *shape = &output->target.shape;

    shape->format = av_buffersink_get_format(output->sink);
    if (output->type == AVMEDIA_TYPE_AUDIO) {
        shape->sample_rate = av_buffersink_get_sample_rate(output->sink);
        av_channel_layout_uninit(&shape->layout);
        av_buffersink_get_ch_layout(output->sink, &shape->layout);
    } else {
        shape->width = av_buffersink_get_w(output->sink);
        shape->height = av_buffersink_get_h(output->sink);
    }
}

/* What came before the graph was there, and the ends that came before it, too. */
static int catch_up(struct filter *filter)
{
    int status = 0;

    for (unsigned i = 0; i < filter->input_count; i++) {
        struct filter_input *input = &filter->inputs[i];

        for (unsigned j = 0; j < input->waiting_count; j++) {
            if (status >= 0)
                status = av_buffersrc_add_frame(input->source, input->waiting[j]);
            av_frame_free(&input->waiting[j]);
        }
        input->waiting_count = 0;
    }
    for (unsigned i = 0; i < filter->input_count; i++) {
        if (status >= 0 && filter->inputs[i].closed)
            status = av_buffersrc_add_frame(filter->inputs[i].source, NULL);
    }
    for (unsigned i = 0; status >= 0 && i < filter->input_count; i++) {
        if (filter->inputs[i].canvas)
            subtitle_canvas_catch_up(filter->inputs[i].canvas);
    }
    return status;
}

static bool build_anew(struct filter *filter, struct error *err)
{
    int status;

    filter->graph = avfilter_graph_alloc();
    if (!filter->graph)
        return libav_error(err, AVERROR(ENOMEM), "make a filter graph");
    status = build(filter);
    if (status >= 0)
        return true;
    avfilter_graph_free(&filter->graph);
    return libav_error_as(err, "Media.FilterFailed", status, "set up the filters");
}

bool filter_configure(struct filter *filter, struct error *err)
{
    bool is_first = filter->alone && !filter->configured && !filter->inputs[0].closed;
    int status;

    resampler_free(filter->resampler);
    filter->resampler = NULL;
    avfilter_graph_free(&filter->graph);
    filter->to_keep = is_first && filter_spare_serves(filter);
    if (!(filter->to_keep && filter_spare_take(filter)) && !build_anew(filter, err))
        return false;
    filter->only_marks = leaves_content_alone(filter->graph);
    for (unsigned i = 0; i < filter->output_count; i++)
        keep_result_shape(&filter->outputs[i]);
    if (is_first)
        filter->resampler = resampler_new(filter->graph);
    filter->configured = true;
    status = catch_up(filter);
    return status >= 0 ||
           libav_error_as(err, "Media.FilterFailed", status, "filter what waited for the filters");
}
