/* SPDX-License-Identifier: MIT */

/* Counts and durations of a transcode. */

#include "media/transcode_report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <libavutil/channel_layout.h>
#include <libavutil/mathematics.h>
#include <libavutil/pixdesc.h>
#include <libavutil/samplefmt.h>

#include "base/memory.h"
#include "media/recipe_fields.h"
#include "media/time_math.h"
#include "media/verdict_lengths.h"

/* A result is called short when it lacks more than this and more than one hundredth. */
enum { SHORT_US = AV_TIME_BASE / 2, SHORT_SHARE = 100 };

static void put(char *to, size_t size, const char *text)
{
    snprintf(to, size, "%s", text ? text : "");
}

static void describe_parameters(const AVCodecParameters *parameters, struct media_stream *stream)
{
    put(stream->type, sizeof(stream->type), av_get_media_type_string(parameters->codec_type));
    put(stream->codec, sizeof(stream->codec), avcodec_get_name(parameters->codec_id));
    stream->bit_rate = parameters->bit_rate;
    if (parameters->codec_type == AVMEDIA_TYPE_AUDIO) {
        put(stream->sample_format, sizeof(stream->sample_format),
            av_get_sample_fmt_name(parameters->format));
        stream->sample_rate = parameters->sample_rate;
        stream->channels = parameters->ch_layout.nb_channels;
        av_channel_layout_describe(&parameters->ch_layout, stream->layout, sizeof(stream->layout));
    } else if (parameters->codec_type == AVMEDIA_TYPE_VIDEO) {
        put(stream->sample_format, sizeof(stream->sample_format),
            av_get_pix_fmt_name(parameters->format));
        stream->width = parameters->width;
        stream->height = parameters->height;
    }
}

static void describe_input(struct media_container *container, const struct input *input)
{
    if (!input->format || !input->format->iformat)
        return;
    put(container->format, sizeof(container->format), input->format->iformat->name);
    if (input->format->duration != AV_NOPTS_VALUE)
        container->duration_us = input->format->duration;
    container->streams = memory_new(input->stream_count, sizeof(*container->streams));
    container->stream_count = input->stream_count;
    for (unsigned i = 0; i < input->stream_count; i++) {
        describe_parameters(input->streams[i].stream->codecpar, &container->streams[i]);
        container->streams[i].packets = input->streams[i].packets;
    }
}

static void describe_output(struct media_container *container, const struct pipeline *pipeline)
{
    const struct output *output = &pipeline->output;
    unsigned count = pipeline->track_count;

    if (!output->header_written)
        return;
    put(container->format, sizeof(container->format), output->format->oformat->name);
    container->duration_us = 0;
    container->streams = memory_new(count + 1, sizeof(*container->streams));
    container->stream_count = count;
    for (unsigned i = 0; i < count; i++) {
        const struct track *track = pipeline->tracks[i];

        describe_parameters(track->to->stream->codecpar, &container->streams[i]);
        container->streams[i].packets = track->to->packets;
        container->streams[i].samples = track->encoder.samples;
        if (track->meter)
            container->streams[i].measured = meter_read(track->meter);
        if (track_written_us(track) > container->duration_us)
            container->duration_us = track_written_us(track);
    }
}

/* Whether some option makes the result shorter or longer than its input on purpose. */
static bool changes_length(const struct pipeline *pipeline)
{
    const struct recipe *recipe = pipeline->recipe;
    const struct recipe_file *input = &recipe->inputs[0];
    bool changes = recipe->graph_count > 0 || recipe->output.size_limit != INT64_MAX ||
                   recipe->output.shortest || pipeline->inputs.count > 1 ||
                   input->start_us != AV_NOPTS_VALUE || input->start_eof_us != AV_NOPTS_VALUE ||
                   input->duration_us != INT64_MAX || input->loops != 0;

    for (size_t i = 0; i < recipe->output.setting_count; i++) {
        enum recipe_key key = recipe->output.settings[i].key;

        changes |= key == RECIPE_FILTER || key == RECIPE_FILTER_SCRIPT || key == RECIPE_FRAMES;
    }
    return changes;
}

/* How long the result should be: the input as its container declares it, cut by -ss and -t. */
static int64_t expected_us(const struct media_report *report, const struct pipeline *pipeline)
{
    const struct recipe_file *file = &pipeline->recipe->output;
    int64_t expected;

    if (report->input.duration_us < 0 || changes_length(pipeline))
        return 0;
    expected = (int64_t)(verdict_lengths_wanted(&pipeline->inputs.inputs[0]) * AV_TIME_BASE);
    if (file->start_us != AV_NOPTS_VALUE)
        expected = time_minus(expected, file->start_us);
    return expected > file->duration_us ? file->duration_us : expected;
}

/* Subtitles and attachments alone have no length that is known here. */
static bool has_times(const struct pipeline *pipeline)
{
    for (unsigned i = 0; i < pipeline->track_count; i++) {
        if (pipeline->tracks[i]->kind == TRACK_FILTERED)
            return true;
    }
    return false;
}

static void append(char *to, size_t size, const char *what, const char *reason)
{
    size_t used = strlen(to);

    snprintf(to + used, size - used, "%s%s%s", used ? "; " : "", what, reason);
}

static void append_count(char *to, size_t size, uint64_t count, const char *one, const char *more)
{
    size_t used = strlen(to);

    if (count > 0)
        snprintf(to + used, size - used, "%s%" PRIu64 " %s", used ? "; " : "", count,
                 count == 1 ? one : more);
}

static void warn(struct media_report *report, const struct pipeline *pipeline)
{
    int64_t expected = expected_us(report, pipeline);
    int64_t missing = time_minus(expected, report->output.duration_us);
    char reason[AV_ERROR_MAX_STRING_SIZE] = "";
    char *to = report->warning;
    size_t size = sizeof(report->warning);
    uint64_t corrupt = 0;
    int failure = 0;

    for (unsigned i = 0; i < pipeline->inputs.count; i++) {
        corrupt += pipeline->inputs.inputs[i].corrupt_packets;
        if (failure == 0)
            failure = pipeline->inputs.inputs[i].failure;
    }
    if (failure < 0) {
        av_strerror(failure, reason, sizeof(reason));
        snprintf(to, size, "reading stopped early: %s", reason);
    } else if (report->output.stream_count > 0 && report->output.duration_us == 0 &&
               has_times(pipeline)) {
        snprintf(to, size, "the result is empty");
    } else if (report->output.stream_count > 0 && missing > SHORT_US &&
               missing > expected / SHORT_SHARE) {
        snprintf(to, size, "the result is %.3f s long, the input should give %.3f s",
                 (double)report->output.duration_us / AV_TIME_BASE,
                 (double)expected / AV_TIME_BASE);
    }
    if (pipeline->output.end_failure) {
        av_strerror(pipeline->output.end_failure, reason, sizeof(reason));
        append(to, size, "some packets are missing, as finishing the result failed: ", reason);
    }
    append_count(to, size, report->decode_errors, "packet could not be decoded",
                 "packets could not be decoded");
    append_count(to, size, corrupt, "packet was cut off or corrupt",
                 "packets were cut off or corrupt");
}

void transcode_report_fill(struct media_report *report, const struct pipeline *pipeline)
{
    *report = (struct media_report){ 0 };
    report->input.duration_us = -1;
    report->output.duration_us = -1;
    if (pipeline->inputs.count > 0)
        describe_input(&report->input, &pipeline->inputs.inputs[0]);
    describe_output(&report->output, pipeline);
    for (unsigned i = 0; i < pipeline->source_count; i++)
        report->decode_errors += pipeline->sources[i].decoder.errors;
    warn(report, pipeline);
}
