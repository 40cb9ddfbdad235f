/* SPDX-License-Identifier: MIT */

/* Judges what was decoded. */

#include "media/verdict.h"

#include <inttypes.h>
#include <stdio.h>

#include <libavutil/mathematics.h>

#include "media/libav.h"
#include "media/recipe_fields.h"
#include "media/verdict_lengths.h"

/* The source whose decoder failed, or gave something damaged; NULL: none. */
static const struct source *first_damaged(const struct pipeline *pipeline)
{
    for (unsigned i = 0; i < pipeline->source_count; i++) {
        const struct decoder *decoder = &pipeline->sources[i].decoder;

        if (decoder->errors > 0 || decoder->corrupt > 0)
            return &pipeline->sources[i];
    }
    return NULL;
}

/* Of the stream that failed: where, what libav said then, and of which input it is. */
static void say_where(const struct pipeline *pipeline, const struct source *source,
                      struct error *err)
{
    const struct decoder *decoder = &source->decoder;
    struct input_damage damage = { source->stream->stream->index, decoder->failed_at, "" };

    snprintf(damage.message, sizeof(damage.message), "%s", decoder->message);
    input_say_damage(&damage, err);
    pipeline_name_input(pipeline, source->stream->input, err);
}

static bool check_rate(const struct pipeline *pipeline, const struct verdict_rules *rules,
                       struct error *err)
{
    float most =
        (float)(rules->has_error_rate ? rules->max_error_rate : pipeline->recipe->max_error_rate);
    uint64_t good = 0;
    uint64_t bad = 0;
    const struct source *source;

    for (unsigned i = 0; i < pipeline->source_count; i++) {
        good += pipeline->sources[i].decoder.frames;
        bad += pipeline->sources[i].decoder.errors;
    }
    /* In ffmpeg's precision, as the default is 2/3 and that matters. */
    if ((float)(good + bad) * most >= (float)bad)
        return true;
    error_set(err, ERROR_MEDIA, "Media.TooManyErrors",
              "%" PRIu64 " of %" PRIu64 " packets could not be decoded", bad, good + bad);
    source = first_damaged(pipeline);
    /* Below a rate of 0 nothing need have failed. */
    if (source)
        say_where(pipeline, source, err);
    return false;
}

static bool is_sound(const struct source *source)
{
    return source->stream->stream->codecpar->codec_type == AVMEDIA_TYPE_AUDIO;
}

/* The first stream that was to be decoded, or of_sound the first that had sound; NULL: none. */
static const struct source *first_empty(const struct pipeline *pipeline, bool of_sound)
{
    for (unsigned i = 0; i < pipeline->source_count; i++) {
        const struct source *source = &pipeline->sources[i];

        if (source->decodes && (!of_sound || (is_sound(source) && source->stream->packets > 0)))
            return source;
    }
    return NULL;
}

/* A cover alone does not make up for sound that cannot be decoded. */
static bool check_some(const struct pipeline *pipeline, struct error *err)
{
    uint64_t frames = 0;
    uint64_t sound = 0;
    const struct source *empty;

    for (unsigned i = 0; i < pipeline->source_count; i++) {
        const struct source *source = &pipeline->sources[i];

        frames += source->decoder.frames;
        sound += is_sound(source) ? source->decoder.frames : 0;
    }
    empty = sound > 0 ? NULL : first_empty(pipeline, frames > 0);
    if (!empty)
        return true;
    error_set(err, ERROR_MEDIA, "Media.NothingDecoded",
              "no %s could be decoded from %" PRIu64 " packet%s%s%s",
              frames > 0 ? "sound" : "frame", empty->stream->packets,
              empty->stream->packets == 1 ? "" : "s", libav_last_message()[0] ? ": " : "",
              libav_last_message());
    say_where(pipeline, empty, err);
    return false;
}

/* -abort_on empty_output and empty_output_stream. */
static bool check_empty(const struct pipeline *pipeline, struct error *err)
{
    int flags = pipeline->recipe->abort_on;
    bool some = false;

    for (unsigned i = 0; i < pipeline->output.stream_count; i++) {
        const struct output_stream *stream = pipeline->output.streams[i];

        some |= stream->packets > 0;
        if ((flags & RECIPE_ABORT_EMPTY_STREAM) && stream->packets == 0)
            return error_set(err, ERROR_MEDIA, "Media.EmptyResult", "Empty output on stream %u", i);
    }
    return some || !(flags & RECIPE_ABORT_EMPTY) ||
           error_set(err, ERROR_MEDIA, "Media.EmptyResult", "Empty output");
}

/* What ffmpeg warns of: every stream is there, and none has got anything. */
static bool check_result(const struct pipeline *pipeline, struct error *err)
{
    bool takes_packets = false;

    for (unsigned i = 0; i < pipeline->track_count; i++) {
        if (pipeline->tracks[i]->to->packets > 0)
            return true;
        takes_packets |= pipeline->tracks[i]->kind != TRACK_ATTACHED;
    }
    return !takes_packets ||
           error_set(err, ERROR_MEDIA, "Media.EmptyResult",
                     "nothing has got into the result; look at -ss, -t, -frames and the filters");
}

static bool was_read_well(const struct input *input, struct error *err)
{
    if (input->failure < 0)
        return libav_error_as(err, "Media.DecodeError", input->failure,
                              "reading stopped at %.3f s (--strict)",
                              (double)input->last_ts / AV_TIME_BASE);
    if (input->corrupt_packets == 0)
        return true;
    error_set(err, ERROR_MEDIA, "Media.DecodeError", "%" PRIu64 " %s cut off or corrupt (--strict)",
              input->corrupt_packets, input->corrupt_packets == 1 ? "packet was" : "packets were");
    input_say_damage(&input->damage, err);
    return false;
}

static bool check_damage(const struct pipeline *pipeline, struct error *err)
{
    const struct source *source = first_damaged(pipeline);

    if (!source)
        return true;
    error_set(err, ERROR_MEDIA, "Media.DecodeError",
              "packets that could not be decoded: %" PRIu64 ", damaged frames: %" PRIu64
              " (--strict)",
              source->decoder.errors, source->decoder.corrupt);
    say_where(pipeline, source, err);
    return false;
}

static bool check_strictly(const struct pipeline *pipeline, const struct verdict_rules *rules,
                           struct error *err)
{
    if (!check_damage(pipeline, err))
        return false;
    if (pipeline->output.end_failure)
        return libav_error_as(err, "Media.MuxerFailed", pipeline->output.end_failure,
                              "finish the result (--strict)");
    for (unsigned i = 0; i < pipeline->inputs.count; i++) {
        const struct input *input = &pipeline->inputs.inputs[i];
        const struct source *sources = &pipeline->sources[input->first_stream];

        if (!was_read_well(input, err) ||
            !verdict_lengths(input, sources, rules->tolerance_s, err)) {
            pipeline_name_input(pipeline, input, err);
            return false;
        }
    }
    return true;
}

bool verdict(const struct pipeline *pipeline, const struct verdict_rules *rules, struct error *err)
{
    return check_empty(pipeline, err) && check_rate(pipeline, rules, err) &&
           (rules->allows_empty || (check_some(pipeline, err) && check_result(pipeline, err))) &&
           (!rules->strict || check_strictly(pipeline, rules, err));
}
