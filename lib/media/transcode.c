/* SPDX-License-Identifier: MIT */

/* Transcodes one item and judges what came out. */

#include "media/transcode.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "media/channel_map.h"
#include "media/input_time.h"
#include "media/libav.h"
#include "media/pipeline.h"
#include "media/recipe_fields.h"
#include "media/transcode_report.h"
#include "media/verdict.h"

static int is_abandoned(void *opaque)
{
    const struct transcode_request *request = opaque;

    return request->cancel && cancel_abandoned(request->cancel);
}

static bool open_inputs(struct pipeline *pipeline, const struct transcode_request *request,
                        const AVIOInterruptCB *interrupt, struct error *err)
{
    struct input_set *set = &pipeline->inputs;
    struct input_request input = {
        .recipe = request->recipe,
        .interrupt = interrupt,
        .limits = { request->limits.pixels, request->limits.streams, request->limits.memory },
    };

    set->count = (unsigned)request->recipe->input_count;
    set->inputs = memory_new(set->count, sizeof(*set->inputs));
    for (unsigned i = 0; i < set->count; i++) {
        input.index = i;
        input.name = request->inputs[i].name;
        input.reader = request->inputs[i].reader;
        input.fetcher = request->fetcher;
        if (!input_open(&set->inputs[i], &input, err)) {
            pipeline_name_input(pipeline, &set->inputs[i], err);
            return false;
        }
    }
    return true;
}

/* How long the result may become, by the longest input; INT64_MAX: nobody knows, or -t says it. */
static int64_t longest_us(const struct pipeline *pipeline, double ratio)
{
    double longest = AV_TIME_BASE;

    if (ratio == 0 || pipeline->recipe->output.duration_us != INT64_MAX)
        return INT64_MAX;
    for (unsigned i = 0; i < pipeline->inputs.count; i++) {
        const struct input *input = &pipeline->inputs.inputs[i];
        double duration = (double)input->format->duration;

        if (input->format->duration <= 0 || input->file->loops < 0)
            return INT64_MAX;
        longest = fmax(longest, duration * (double)(input->file->loops + 1));
    }
    return longest * ratio < 9e18 ? (int64_t)(longest * ratio) : INT64_MAX;
}

/* A -target that names no norm has that of the first stream of pictures that shows one. */
static bool choose_norm(struct pipeline *pipeline, struct error *err)
{
    const struct recipe *recipe = pipeline->recipe;

    for (unsigned i = 0; recipe->leaves_norm && i < pipeline->inputs.count; i++) {
        const struct input *input = &pipeline->inputs.inputs[i];

        for (unsigned j = 0; j < input->stream_count; j++) {
            const AVStream *stream = input->streams[j].stream;
            int64_t rate = stream->time_base.den * INT64_C(1000) / stream->time_base.num;

            if (stream->codecpar->codec_type != AVMEDIA_TYPE_VIDEO)
                continue;
            if (rate == 29970 || rate == 23976)
                pipeline->recipe = recipe->other_norm;
            if (rate == 25000 || pipeline->recipe != recipe)
                return true;
        }
    }
    return !recipe->leaves_norm ||
           error_set(err, ERROR_MEDIA, "Media.Unsupported",
                     "Could not determine norm (PAL/NTSC/NTSC-Film) for target; begin the value "
                     "of -target with \"pal-\", \"ntsc-\" or \"film-\"");
}

static bool open_output(struct pipeline *pipeline, const struct transcode_request *request,
                        const AVIOInterruptCB *interrupt, struct error *err)
{
    bool several = recipe_files(pipeline->recipe, request->output_name) != RECIPE_ONE_FILE;
    const struct output_request output = {
        .recipe = pipeline->recipe,
        .name = request->output_name,
        .writer = request->output,
        .source = request->inputs[0].name,
        .files = several ? request->files : NULL,
        .interrupt = interrupt,
        .size_limit = request->limits.output_bytes,
        .memory_limit = request->limits.memory,
    };

    return output_open(&pipeline->output, &output, err);
}

static bool open_all(struct pipeline *pipeline, const struct transcode_request *request,
                     struct error *err)
{
    const AVIOInterruptCB interrupt = { is_abandoned, (void *)request };

    if (!open_inputs(pipeline, request, &interrupt, err))
        return false;
    input_time_sync(&pipeline->inputs);
    if (!channel_map_check(&request->recipe->output, &pipeline->inputs, err) ||
        !choose_norm(pipeline, err) || !open_output(pipeline, request, &interrupt, err))
        return false;
    pipeline->output.longest_us = longest_us(pipeline, request->limits.duration_ratio);
    return pipeline_open(pipeline, err);
}

/* A failure of our own disk looks to libav like a broken file, so we ask our own side first. */
static void prefer_own_failure(const struct pipeline *pipeline, struct error *err)
{
    for (unsigned i = 0; i < pipeline->inputs.count; i++) {
        if (spool_io_failed(pipeline->inputs.inputs[i].io, err) ||
            input_others_failed(pipeline->inputs.inputs[i].others, err))
            return;
    }
    if (output_failed(&pipeline->output, err))
        return;
    if (err->kind != ERROR_NONE)
        (void)pipeline_goes_on(pipeline, err);
}

/* Decoders only say that a picture is too large; a stream without one has no size to look at. */
static void judge_pixels(uint64_t limit, struct error *err)
{
    uint64_t pixels = libav_refused_pixels();

    if (err->kind == ERROR_MEDIA && limit && pixels > limit)
        error_set(err, ERROR_MEDIA, "Media.TooManyPixels",
                  "a picture has %" PRIu64 " pixels, more than the limit of %" PRIu64, pixels,
                  limit);
}

static void judge_streams(unsigned limit, struct error *err)
{
    if (err->kind == ERROR_MEDIA && limit && libav_refused_streams())
        error_set(err, ERROR_MEDIA, "Media.TooManyStreams",
                  "the input has more streams than the limit of %u", limit);
}

bool transcode(const struct transcode_request *request, struct media_report *report,
               struct error *err)
{
    struct pipeline pipeline = { .recipe = request->recipe,
                                 .cancel = request->cancel,
                                 .measures = request->demands.measures,
                                 .spare = request->spare,
                                 .memory = { .limit = request->limits.memory },
                                 .threads = request->threads ? request->threads : 1 };
    struct error failure = { 0 };
    bool ok;

    libav_forget_message();
    ok = open_all(&pipeline, request, &failure) && pipeline_run(&pipeline, &failure) &&
         verdict(&pipeline, &request->demands.rules, &failure);
    prefer_own_failure(&pipeline, &failure);
    judge_pixels(request->limits.pixels, &failure);
    judge_streams(request->limits.streams, &failure);
    /* What does not fit one input may fit the next one, so it does not end the run. */
    if (failure.kind == ERROR_USAGE) {
        failure.kind = ERROR_MEDIA;
        snprintf(failure.word, sizeof(failure.word), "Media.Unsupported");
    }
    transcode_report_fill(report, &pipeline);
    if (failure.kind != ERROR_NONE) {
        *err = failure;
        ok = false;
    }
    pipeline_release(&pipeline);
    return ok;
}
