/* SPDX-License-Identifier: MIT */

/* Feeds filter graphs and empties them. */

#include "media/filter.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/bprint.h>
#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libavutil/samplefmt.h>

#include "base/memory.h"
#include "media/filter_spare.h"
#include "media/libav.h"
#include "media/recipe_fields.h"

static void add_output(struct filter *filter, enum AVMediaType type, const char *label)
{
    filter->outputs =
        memory_grow(filter->outputs, filter->output_count + 1, sizeof(*filter->outputs));
    filter->outputs[filter->output_count++] = (struct filter_output){
        .type = type,
        .label = memory_copy_text(label),
        .target = { .shape = { .format = -1 } },
    };
}

void filter_add_input(struct filter *filter, struct input_stream *stream,
                      struct subtitle_canvas *canvas)
{
    filter->inputs = memory_grow(filter->inputs, filter->input_count + 1, sizeof(*filter->inputs));
    filter->inputs[filter->input_count++] =
        (struct filter_input){ .stream = stream, .canvas = canvas, .shape = { .format = -1 } };
}

void filter_init_simple(struct filter *filter, struct input_stream *stream, const char *text,
                        struct filter_means means)
{
    enum AVMediaType type = stream->stream->codecpar->codec_type;

    *filter = (struct filter){ .recipe = stream->input->recipe, .simple = true, .means = means };
    filter->text = memory_copy_text(text ? text : type == AVMEDIA_TYPE_AUDIO ? "anull" : "null");
    filter_add_input(filter, stream, NULL);
    add_output(filter, type, NULL);
}

bool filter_init_complex(struct filter *filter, const struct recipe *recipe, const char *text,
                         struct filter_means means, AVFilterInOut **inputs, struct error *err)
{
    AVFilterInOut *outputs = NULL;
    int status;

    *filter = (struct filter){ .recipe = recipe, .text = memory_copy_text(text), .means = means };
    filter->graph = avfilter_graph_alloc();
    if (!filter->graph)
        return libav_error(err, AVERROR(ENOMEM), "make a filter graph");
    filter->graph->nb_threads = 1;
    status = avfilter_graph_parse2(filter->graph, text, inputs, &outputs);
    for (const AVFilterInOut *end = outputs; status >= 0 && end; end = end->next)
        add_output(filter, avfilter_pad_get_type(end->filter_ctx->output_pads, end->pad_idx),
                   end->name);
    avfilter_inout_free(&outputs);
    return status >= 0 ||
           libav_error_as(err, "Media.FilterFailed", status, "set up -filter_complex %s", text);
}

void filter_release(struct filter *filter)
{
    if (filter->to_keep && filter->resampler)
        filter_spare_keep(filter);
    resampler_free(filter->resampler);
    avfilter_graph_free(&filter->graph);
    for (unsigned i = 0; i < filter->input_count; i++) {
        av_channel_layout_uninit(&filter->inputs[i].shape.layout);
        for (unsigned j = 0; j < filter->inputs[i].waiting_count; j++)
            av_frame_free(&filter->inputs[i].waiting[j]);
        free(filter->inputs[i].waiting);
    }
    for (unsigned i = 0; i < filter->output_count; i++) {
        av_channel_layout_uninit(&filter->outputs[i].target.shape.layout);
        free(filter->outputs[i].target.pan);
        free(filter->outputs[i].label);
    }
    free(filter->inputs);
    free(filter->outputs);
    free(filter->text);
}

void filter_set_target(struct filter *filter, unsigned output, struct filter_target *target)
{
    filter->outputs[output].target = *target;
    filter->outputs[output].taken = true;
    *target = (struct filter_target){ 0 };
}

static bool is_audio(const struct filter_input *input)
{
    return input->stream->stream->codecpar->codec_type == AVMEDIA_TYPE_AUDIO;
}

static const int32_t *display_matrix(const AVFrame *frame)
{
    const AVFrameSideData *data = av_frame_get_side_data(frame, AV_FRAME_DATA_DISPLAYMATRIX);

    return data ? (const int32_t *)data->data : NULL;
}

static bool never_reinits(const struct filter *filter, const struct filter_input *input)
{
    const struct input *from = input->stream->input;
    const struct stream_place place = { from->format, input->stream->stream };

    return filter->graph && recipe_number(from->file, RECIPE_REINIT, &place, -1) == 0;
}

static bool shape_differs(const struct filter_input *input, const AVFrame *frame)
{
    const struct frame_shape *shape = &input->shape;

    if (shape->format != frame->format)
        return true;
    if (is_audio(input))
        return shape->sample_rate != frame->sample_rate ||
               av_channel_layout_compare(&shape->layout, &frame->ch_layout) != 0;
    return shape->width != frame->width || shape->height != frame->height;
}

bool filter_must_change(const struct filter *filter, unsigned index, const AVFrame *frame)
{
    const struct filter_input *input = &filter->inputs[index];
    const int32_t *matrix = display_matrix(frame);

    if (!filter->graph || (shape_differs(input, frame) && !never_reinits(filter, input)))
        return true;
    if (!matrix || !input->turns)
        return !matrix != !input->turns;
    return memcmp(matrix, input->matrix, sizeof(input->matrix)) != 0;
}

void filter_shape_from_frame(struct filter *filter, unsigned index, const AVFrame *frame)
{
    struct filter_input *input = &filter->inputs[index];
    struct frame_shape *shape = &input->shape;
    const int32_t *matrix = display_matrix(frame);

    shape->format = frame->format;
    shape->sample_rate = frame->sample_rate;
    av_channel_layout_copy(&shape->layout, &frame->ch_layout);
    shape->width = frame->width;
    shape->height = frame->height;
    shape->aspect = frame->sample_aspect_ratio;
    input->turns = matrix != NULL;
    if (matrix)
        memcpy(input->matrix, matrix, sizeof(input->matrix));
}

void filter_shape_from_stream(struct filter *filter, unsigned index)
{
    const AVCodecParameters *parameters = filter->inputs[index].stream->stream->codecpar;
    struct frame_shape *shape = &filter->inputs[index].shape;

    shape->format = parameters->format;
    shape->sample_rate = parameters->sample_rate;
    av_channel_layout_copy(&shape->layout, &parameters->ch_layout);
    shape->width = parameters->width;
    shape->height = parameters->height;
    shape->aspect = parameters->sample_aspect_ratio;
}

bool filter_knows_shapes(const struct filter *filter)
{
    for (unsigned i = 0; i < filter->input_count; i++) {
        if (filter->inputs[i].shape.format < 0 && !filter->inputs[i].canvas)
            return false;
    }
    return true;
}

/* How large the frame may have become at the end of the graph. */
static uint64_t bytes_at_end(const struct filter *filter, unsigned output, const AVFrame *frame)
{
    const AVFilterContext *sink = filter->outputs[output].sink;
    int format = av_buffersink_get_format(sink);
    double bytes = 0;

    if (filter->outputs[output].type == AVMEDIA_TYPE_VIDEO)
        bytes = av_image_get_buffer_size(format, av_buffersink_get_w(sink),
                                         av_buffersink_get_h(sink), 1);
    else if (frame->sample_rate > 0)
        bytes = (double)frame->nb_samples * av_buffersink_get_sample_rate(sink) /
                frame->sample_rate * av_buffersink_get_channels(sink) *
                av_get_bytes_per_sample(format);
    return bytes > 0 ? (uint64_t)bytes : 0;
}

/* Bytes of frames; 0: as many as there are. */
static uint64_t limit_of(const struct filter *filter)
{
    return filter->means.memory ? filter->means.memory->limit : 0;
}

static bool count_frame(const struct filter *filter, AVFrame *frame, struct error *err)
{
    uint64_t most = 0;

    if (limit_of(filter) == 0)
        return true;
    for (unsigned i = 0; i < filter->output_count; i++) {
        uint64_t bytes = bytes_at_end(filter, i, frame);

        most = bytes > most ? bytes : most;
    }
    return frame_memory_count(filter->means.memory, frame, most, err);
}

/* Under -reinit_filter 0 frames may come that it was not set up for; libavfilter refuses them. */
static int push_to_resampler(const struct filter *filter, AVFrame *frame)
{
    if (!shape_differs(&filter->inputs[0], frame))
        return resampler_push(filter->resampler, frame);
    av_log(NULL, AV_LOG_ERROR, "Changing audio frame properties on the fly is not supported.\n");
    return AVERROR(EINVAL);
}

bool filter_push(struct filter *filter, unsigned index, AVFrame *frame, struct error *err)
{
    int status;

    if (!filter->resampler && !count_frame(filter, frame, err))
        return false;
    if (filter->resampler)
        status = push_to_resampler(filter, frame);
    else
        status = av_buffersrc_add_frame_flags(filter->inputs[index].source, frame,
                                              AV_BUFFERSRC_FLAG_PUSH);
    if (status < 0 && status != AVERROR_EOF)
        return libav_error_as(err, "Media.FilterFailed", status, "filter a frame");
    return true;
}

bool filter_keep(struct filter *filter, unsigned index, AVFrame *frame, struct error *err)
{
    struct filter_input *input = &filter->inputs[index];
    uint64_t limit = limit_of(filter);
    AVFrame *kept = av_frame_alloc();

    if (!kept)
        return libav_error(err, AVERROR(ENOMEM), "keep a frame");
    filter->kept_bytes += frame_memory_of(frame);
    if (limit && filter->kept_bytes > limit) {
        av_frame_free(&kept);
        return error_set(err, ERROR_MEDIA, "Media.TooMuchMemory",
                         "frames that wait for another input of the filters take more than the "
                         "limit of %" PRIu64 " bytes",
                         limit);
    }
    av_frame_move_ref(kept, frame);
    input->waiting = memory_grow(input->waiting, input->waiting_count + 1, sizeof(AVFrame *));
    input->waiting[input->waiting_count++] = kept;
    return true;
}

bool filter_close(struct filter *filter, unsigned index, int64_t pts, struct error *err)
{
    struct filter_input *input = &filter->inputs[index];
    int status;

    input->closed = true;
    if (filter->resampler) {
        resampler_close(filter->resampler);
        return true;
    }
    if (filter->graph) {
        status = av_buffersrc_close(input->source, pts, AV_BUFFERSRC_FLAG_PUSH);
        return status >= 0 || libav_error_as(err, "Media.FilterFailed", status, "end the filters");
    }
    if (input->canvas)
        return true;
    if (input->shape.format < 0)
        filter_shape_from_stream(filter, index);
    if (input->shape.format < 0)
        return error_set(err, ERROR_MEDIA, "Media.InvalidData",
                         "nothing could be decoded from stream %d and its format is not known%s%s",
                         input->stream->stream->index, libav_last_message()[0] ? ": " : "",
                         libav_last_message());
    return true;
}

void filter_set_frame_size(struct filter *filter, unsigned output, unsigned samples)
{
    if (filter->resampler)
        resampler_set_frame_size(filter->resampler, samples);
    else
        av_buffersink_set_frame_size(filter->outputs[output].sink, samples);
}

int filter_request(struct filter *filter)
{
    if (filter->resampler)
        return resampler_request(filter->resampler);
    return avfilter_graph_request_oldest(filter->graph);
}

int filter_pull(struct filter *filter, unsigned output, AVFrame *frame)
{
    int status;

    if (filter->resampler)
        return resampler_pull(filter->resampler, frame);
    status = av_buffersink_get_frame_flags(filter->outputs[output].sink, frame,
                                           AV_BUFFERSINK_FLAG_NO_REQUEST);
    if (status >= 0)
        frame_memory_forget(frame);
    return status;
}

struct input_stream *filter_hungry_for(const struct filter *filter)
{
    struct input_stream *hungry = NULL;
    unsigned most = 0;

    if (filter->resampler)
        return filter->inputs[0].stream->input->drained ? NULL : filter->inputs[0].stream;
    for (unsigned i = 0; i < filter->input_count; i++) {
        unsigned requests = av_buffersrc_get_nb_failed_requests(filter->inputs[i].source);

        if (requests > most && !filter->inputs[i].stream->input->drained) {
            most = requests;
            hungry = filter->inputs[i].stream;
        }
    }
    return hungry;
}
