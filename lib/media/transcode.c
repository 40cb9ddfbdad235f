/* SPDX-License-Identifier: MIT */

/* Transcodes one item and judges what came out. */

#include "media/transcode.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "media/libav.h"
#include "media/pipeline.h"
#include "media/recipe_fields.h"
#include "media/transcode_report.h"

struct transcode_limits transcode_usual_limits(void)
{
    return (struct transcode_limits){
        .output_bytes = UINT64_C(64) << 30,
        .pixels = UINT64_C(512) << 20,
        .streams = 1000,
    };
}

static int is_abandoned(void *opaque)
{
    const struct transcode_request *request = opaque;

    return request->cancel && cancel_abandoned(request->cancel);
}

/* Says which input is meant where there are several. */
static void name_input(const struct pipeline *pipeline, unsigned index, struct error *err)
{
    if (pipeline->inputs.count > 1)
        error_prefix(err, "input %u", index);
}

static bool open_inputs(struct pipeline *pipeline, const struct transcode_request *request,
                        const AVIOInterruptCB *interrupt, struct error *err)
{
    struct input_set *set = &pipeline->inputs;
    struct input_request input = {
        .recipe = request->recipe,
        .interrupt = interrupt,
        .limits = { request->limits.pixels, request->limits.streams },
    };

    set->count = (unsigned)request->recipe->input_count;
    set->inputs = memory_new(set->count, sizeof(*set->inputs));
    for (unsigned i = 0; i < set->count; i++) {
        input.index = i;
        input.name = request->inputs[i].name;
        input.spool = request->inputs[i].spool;
        if (!input_open(&set->inputs[i], &input, err)) {
            name_input(pipeline, i, err);
            return false;
        }
    }
    return true;
}

static bool open_all(struct pipeline *pipeline, const struct transcode_request *request,
                     struct error *err)
{
    const AVIOInterruptCB interrupt = { is_abandoned, (void *)request };
    const struct output_request output = {
        .recipe = request->recipe,
        .name = request->output_name,
        .spool = request->output,
        .interrupt = &interrupt,
        .size_limit = request->limits.output_bytes,
    };

    return open_inputs(pipeline, request, &interrupt, err) &&
           output_open(&pipeline->output, &output, err) && pipeline_open(pipeline, err);
}

/* The stream whose decoder failed first, with libav's last word on it. */
static void say_where(const struct pipeline *pipeline, struct error *err)
{
    for (unsigned i = 0; i < pipeline->source_count; i++) {
        const struct source *source = &pipeline->sources[i];
        const struct decoder *decoder = &source->decoder;

        if (decoder->errors > 0 && decoder->failed_at != AV_NOPTS_VALUE) {
            error_prefix(err, "stream %d, first at %.3f s", source->stream->stream->index,
                         (double)decoder->failed_at / AV_TIME_BASE);
            name_input(pipeline, (unsigned)(source->stream->input - pipeline->inputs.inputs), err);
            return;
        }
    }
}

/* ffmpeg's verdict on what was decoded: more than two errors in three make a failure. */
static bool check_errors(const struct pipeline *pipeline, bool needs_frames, struct error *err)
{
    float most = (float)pipeline->recipe->max_error_rate;
    uint64_t good = 0;
    uint64_t bad = 0;
    bool decodes = false;

    for (unsigned i = 0; i < pipeline->source_count; i++) {
        good += pipeline->sources[i].decoder.frames;
        bad += pipeline->sources[i].decoder.errors;
        decodes |= pipeline->sources[i].decodes;
    }
    if ((float)(good + bad) * most < (float)bad) {
        error_set(err, ERROR_MEDIA, "Media.TooManyErrors",
                  "%" PRIu64 " of %" PRIu64 " packets could not be decoded%s%s", bad, good + bad,
                  libav_last_message()[0] ? ": " : "", libav_last_message());
        say_where(pipeline, err);
        return false;
    }
    if (needs_frames && decodes && good == 0)
        return error_set(err, ERROR_MEDIA, "Media.NothingDecoded", "nothing could be decoded%s%s",
                         libav_last_message()[0] ? ": " : "", libav_last_message());
    return true;
}

/* -abort_on empty_output and empty_output_stream. */
static bool check_empty(const struct pipeline *pipeline, struct error *err)
{
    const char *flags = pipeline->recipe->abort_on;
    bool some = false;

    for (unsigned i = 0; i < pipeline->output.stream_count; i++) {
        const struct output_stream *stream = pipeline->output.streams[i];

        some |= stream->packets > 0;
        if (flags && strstr(flags, "empty_output_stream") && stream->packets == 0)
            return error_set(err, ERROR_MEDIA, "Media.EmptyResult", "Empty output on stream %u", i);
    }
    return some || !flags || !strstr(flags, "empty_output") ||
           error_set(err, ERROR_MEDIA, "Media.EmptyResult", "Empty output");
}

/* A failure of our own disk looks to libav like a broken file, so the spools are asked first. */
static void prefer_own_failure(const struct pipeline *pipeline, struct error *err)
{
    for (unsigned i = 0; i < pipeline->inputs.count; i++) {
        if (spool_io_failed(pipeline->inputs.inputs[i].io, err))
            return;
    }
    if (spool_io_failed(pipeline->output.io, err))
        return;
    if (err->kind != ERROR_NONE)
        (void)pipeline_goes_on(pipeline, err);
}

bool transcode(const struct transcode_request *request, struct media_report *report,
               struct error *err)
{
    struct pipeline pipeline = { .recipe = request->recipe,
                                 .cancel = request->cancel,
                                 .measures = request->demands.measures };
    struct error failure = { 0 };
    bool ok;

    libav_forget_message();
    ok = open_all(&pipeline, request, &failure) && pipeline_run(&pipeline, &failure) &&
         check_empty(&pipeline, &failure) &&
         check_errors(&pipeline, request->demands.needs_frames, &failure);
    prefer_own_failure(&pipeline, &failure);
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
