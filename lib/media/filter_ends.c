/* SPDX-License-Identifier: MIT */

/* Sources and sinks of filter graphs, named and ordered as ffmpeg does it. */

#include "media/filter_ends.h"

#include <math.h>
#include <stdio.h>

#include <libavfilter/buffersrc.h>
#include <libavutil/avstring.h>
#include <libavutil/bprint.h>
#include <libavutil/display.h>
#include <libavutil/mathematics.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libavutil/samplefmt.h>

#include "media/input_seek.h"
#include "media/libav_compat.h"
#include "media/recipe_fields.h"
#include "media/subtitle_canvas.h"

/* The filter made last while building a chain, to which the next one is linked. */
struct chain {
    AVFilterGraph *graph;
    AVFilterContext *last;
    unsigned pad;
};

static int append(struct chain *chain, const char *kind, const char *name, const char *arguments)
{
    AVFilterContext *made;
    int status = avfilter_graph_create_filter(&made, avfilter_get_by_name(kind), name, arguments,
                                              NULL, chain->graph);

    if (status >= 0 && chain->last)
        status = avfilter_link(chain->last, chain->pad, made, 0);
    if (status < 0)
        return status;
    chain->last = made;
    chain->pad = 0;
    return 0;
}

static void describe_audio(const struct frame_shape *shape, AVBPrint *text)
{
    av_bprintf(text, "time_base=1/%d:sample_rate=%d:sample_fmt=%s", shape->sample_rate,
               shape->sample_rate, av_get_sample_fmt_name(shape->format));
    if (av_channel_layout_check(&shape->layout) && shape->layout.order != AV_CHANNEL_ORDER_UNSPEC) {
        av_bprintf(text, ":channel_layout=");
        av_channel_layout_describe_bprint(&shape->layout, text);
    } else {
        av_bprintf(text, ":channels=%d", shape->layout.nb_channels);
    }
}

static void describe_video(const struct filter_input *input, AVBPrint *text)
{
    const struct frame_shape *shape = &input->shape;
    AVStream *stream = input->stream->stream;
    AVRational forced = input->stream->frame_rate;
    AVRational rate =
        forced.num ? forced : av_guess_frame_rate(input->stream->input->format, stream, NULL);
    AVRational base = forced.num ? av_inv_q(forced) : stream->time_base;
    AVRational aspect = shape->aspect.den ? shape->aspect : (AVRational){ 0, 1 };

    av_bprintf(text, "video_size=%dx%d:pix_fmt=%d:time_base=%d/%d:pixel_aspect=%d/%d", shape->width,
               shape->height, shape->format, base.num, base.den, aspect.num, aspect.den);
    if (rate.num && rate.den)
        av_bprintf(text, ":frame_rate=%d/%d", rate.num, rate.den);
}

/* How to turn pictures: as the frame says, or else the container. */
static const int32_t *display_matrix(const struct filter_input *input)
{
    const AVStream *stream = input->stream->stream;

    if (input->turns)
        return input->matrix;
    for (int i = 0; i < libav_side_data_count(stream); i++) {
        const AVPacketSideData *data = libav_side_data(stream, i);

        if (data->type == AV_PKT_DATA_DISPLAYMATRIX)
            return (const int32_t *)data->data;
    }
    return NULL;
}

/* Undoes the turn a camera noted, because encoders have no place for the note. */
static int turn_upright(const int32_t *matrix, struct chain *chain)
{
    double degrees = -round(av_display_rotation_get(matrix));
    char arguments[64];
    int status;

    degrees -= 360 * floor(degrees / 360 + 0.9 / 360);
    if (fabs(degrees - 90) < 1.0)
        return append(chain, "transpose", "transpose", matrix[3] > 0 ? "cclock_flip" : "clock");
    if (fabs(degrees - 180) < 1.0) {
        status = matrix[0] < 0 ? append(chain, "hflip", "hflip", NULL) : 0;
        if (status >= 0 && matrix[4] < 0)
            status = append(chain, "vflip", "vflip", NULL);
        return status;
    }
    if (fabs(degrees - 270) < 1.0)
        return append(chain, "transpose", "transpose", matrix[3] < 0 ? "clock_flip" : "cclock");
    if (fabs(degrees) > 1.0) {
        snprintf(arguments, sizeof(arguments), "%f*PI/180", degrees);
        return append(chain, "rotate", "rotate", arguments);
    }
    if (matrix[4] < 0)
        return append(chain, "vflip", "vflip", NULL);
    return 0;
}

/* -ss and -t, of the input before and of the result after the user's filters. */
static int trim(int64_t start_us, int64_t duration_us, bool is_audio, struct chain *chain)
{
    const AVFilter *kind = avfilter_get_by_name(is_audio ? "atrim" : "trim");
    AVFilterContext *made;
    int status = 0;

    if (start_us == AV_NOPTS_VALUE && duration_us == INT64_MAX)
        return 0;
    made = avfilter_graph_alloc_filter(chain->graph, kind, NULL);
    if (!made)
        return AVERROR(ENOMEM);
    if (duration_us != INT64_MAX)
        status = av_opt_set_int(made, "durationi", duration_us, AV_OPT_SEARCH_CHILDREN);
    if (status >= 0 && start_us != AV_NOPTS_VALUE)
        status = av_opt_set_int(made, "starti", start_us, AV_OPT_SEARCH_CHILDREN);
    if (status >= 0)
        status = avfilter_init_str(made, NULL);
    if (status >= 0)
        status = avfilter_link(chain->last, chain->pad, made, 0);
    chain->last = made;
    chain->pad = 0;
    return status;
}

static int stretch_to_times(const struct filter *filter, struct chain *chain)
{
    const struct recipe *recipe = filter->recipe;
    AVBPrint arguments;
    int status = 0;

    if (recipe->async <= 0)
        return 0;
    av_bprint_init(&arguments, 0, AV_BPRINT_SIZE_UNLIMITED);
    av_bprintf(&arguments, "async=%d", (int)recipe->async);
    if ((float)recipe->drift_threshold != 0.1F)
        av_bprintf(&arguments, ":min_hard_comp=%f", recipe->drift_threshold);
    if (!filter->configured)
        av_bprintf(&arguments, ":first_pts=0");
    status = append(chain, "aresample", NULL, arguments.str);
    av_bprint_finalize(&arguments, NULL);
    return status;
}

/* The old -vol; 256 changes nothing. */
static int change_volume(const struct recipe *recipe, struct chain *chain)
{
    char factor[32];

    if (recipe->volume == 256)
        return 0;
    snprintf(factor, sizeof(factor), "%f", (double)recipe->volume / 256);
    return append(chain, "volume", NULL, factor);
}

int filter_ends_make_source(struct filter *filter, unsigned index, AVFilterContext *next,
                            unsigned next_pad)
{
    struct filter_input *input = &filter->inputs[index];
    const struct input *from = input->stream->input;
    bool is_audio = input->stream->stream->codecpar->codec_type == AVMEDIA_TYPE_AUDIO;
    bool begins = from->start_us != AV_NOPTS_VALUE && from->file->accurate_seek;
    const int32_t *matrix = is_audio ? NULL : display_matrix(input);
    struct chain chain = { .graph = filter->graph };
    AVBPrint arguments;
    int status = input->canvas ? subtitle_canvas_prepare(input->canvas, &input->shape) : 0;

    if (status < 0)
        return status;
    av_bprint_init(&arguments, 0, AV_BPRINT_SIZE_UNLIMITED);
    if (is_audio)
        describe_audio(&input->shape, &arguments);
    else
        describe_video(input, &arguments);
    status = append(&chain, is_audio ? "abuffer" : "buffer", NULL, arguments.str);
    av_bprint_finalize(&arguments, NULL);
    input->source = chain.last;
    if (status >= 0 && matrix && input->stream->autorotates)
        status = turn_upright(matrix, &chain);
    if (status >= 0 && is_audio)
        status = stretch_to_times(filter, &chain);
    if (status >= 0 && is_audio)
        status = change_volume(filter->recipe, &chain);
    if (status >= 0)
        status = trim(begins ? input_seek_trim_start(from) : AV_NOPTS_VALUE,
                      from->file->duration_us, is_audio, &chain);
    return status < 0 ? status : avfilter_link(chain.last, chain.pad, next, next_pad);
}

static void list_sample_formats(const struct filter_target *target, AVBPrint *text)
{
    const enum AVSampleFormat *format = target->sample_formats;

    if (target->shape.format != -1) {
        av_bprintf(text, "sample_fmts=%s:", av_get_sample_fmt_name(target->shape.format));
        return;
    }
    for (; format && *format != AV_SAMPLE_FMT_NONE; format++)
        av_bprintf(text, "%s%s", format == target->sample_formats ? "sample_fmts=" : "|",
                   av_get_sample_fmt_name(*format));
    if (target->sample_formats)
        av_bprintf(text, ":");
}

static void list_sample_rates(const struct filter_target *target, AVBPrint *text)
{
    if (target->shape.sample_rate) {
        av_bprintf(text, "sample_rates=%d:", target->shape.sample_rate);
        return;
    }
    for (const int *rate = target->sample_rates; rate && *rate; rate++)
        av_bprintf(text, "%s%d", rate == target->sample_rates ? "sample_rates=" : "|", *rate);
    if (target->sample_rates)
        av_bprintf(text, ":");
}

static void list_layouts(const struct filter_target *target, AVBPrint *text)
{
    if (av_channel_layout_check(&target->shape.layout)) {
        av_bprintf(text, "channel_layouts=");
        av_channel_layout_describe_bprint(&target->shape.layout, text);
        return;
    }
    for (const AVChannelLayout *layout = target->layouts; layout && layout->nb_channels; layout++) {
        av_bprintf(text, "%s", layout == target->layouts ? "channel_layouts=" : "|");
        av_channel_layout_describe_bprint(layout, text);
    }
}

static int shape_audio(const struct filter_target *target, struct chain *chain)
{
    AVBPrint arguments;
    int status = 0;

    if (target->pan)
        status = append(chain, "pan", NULL, target->pan);
    av_bprint_init(&arguments, 0, AV_BPRINT_SIZE_UNLIMITED);
    list_sample_formats(target, &arguments);
    list_sample_rates(target, &arguments);
    list_layouts(target, &arguments);
    if (status >= 0 && arguments.len)
        status = append(chain, "aformat", "shape", arguments.str);
    av_bprint_finalize(&arguments, NULL);
    return status;
}

static int shape_video(const struct filter_target *target, struct chain *chain)
{
    const enum AVPixelFormat *format = target->pixel_formats;
    const AVDictionaryEntry *entry = NULL;
    AVBPrint arguments;
    int status = 0;

    av_bprint_init(&arguments, 0, AV_BPRINT_SIZE_UNLIMITED);
    if (target->keeps_format)
        avfilter_graph_set_auto_convert(chain->graph, (unsigned)AVFILTER_AUTO_CONVERT_NONE);
    if ((target->shape.width || target->shape.height) && !target->keeps_size) {
        av_bprintf(&arguments, "%d:%d", target->shape.width, target->shape.height);
        while ((entry = av_dict_get(target->scale_options, "", entry, AV_DICT_IGNORE_SUFFIX)))
            av_bprintf(&arguments, ":%s=%s", entry->key, entry->value);
        status = append(chain, "scale", "size", arguments.str);
        av_bprint_clear(&arguments);
    }
    if (target->shape.format != -1) {
        av_bprintf(&arguments, "%s", av_get_pix_fmt_name(target->shape.format));
        format = NULL;
    }
    for (; format && *format != AV_PIX_FMT_NONE; format++)
        av_bprintf(&arguments, "%s%s", format == target->pixel_formats ? "" : "|",
                   av_get_pix_fmt_name(*format));
    if (status >= 0 && arguments.len)
        status = append(chain, "format", "shape", arguments.str);
    av_bprint_finalize(&arguments, NULL);
    return status;
}

int filter_ends_make_sink(struct filter *filter, unsigned index, AVFilterContext *last,
                          unsigned last_pad)
{
    struct filter_output *output = &filter->outputs[index];
    const struct filter_target *target = &output->target;
    bool is_audio = output->type == AVMEDIA_TYPE_AUDIO;
    struct chain sink = { .graph = filter->graph };
    struct chain chain = { filter->graph, last, last_pad };
    int status = append(&sink, is_audio ? "abuffersink" : "buffersink", NULL, NULL);

    if (status < 0)
        return status;
    output->sink = sink.last;
    if (is_audio)
        status = av_opt_set_int(output->sink, "all_channel_counts", 1, AV_OPT_SEARCH_CHILDREN);
    if (status >= 0)
        status = is_audio ? shape_audio(target, &chain) : shape_video(target, &chain);
    if (status >= 0 && is_audio && target->pad)
        status = append(&chain, "apad", NULL, target->pad);
    if (status >= 0)
        status = trim(target->start_us, target->duration_us, is_audio, &chain);
    return status < 0 ? status : avfilter_link(chain.last, chain.pad, output->sink, 0);
}
