/* SPDX-License-Identifier: MIT */

/* Decides what to do next, in ffmpeg's order. */

#include "media/pipeline.h"

#include "media/pipeline_read.h"

bool pipeline_goes_on(const struct pipeline *pipeline, struct error *err)
{
    if (!frame_memory_check(&pipeline->memory, err))
        return false;
    if (!pipeline->cancel || !cancel_abandoned(pipeline->cancel))
        return true;
    return error_set(err, ERROR_CANCELLED, "Avmap.Interrupted", "interrupted while transcoding");
}

void pipeline_name_input(const struct pipeline *pipeline, const struct input *input,
                         struct error *err)
{
    if (pipeline->inputs.count > 1)
        error_prefix(err, "input %zu", (size_t)(input - pipeline->inputs.inputs));
}

static bool all_drained(const struct pipeline *pipeline)
{
    for (unsigned i = 0; i < pipeline->inputs.count; i++) {
        if (!pipeline->inputs.inputs[i].drained)
            return false;
    }
    return true;
}

static void wake_all(struct pipeline *pipeline)
{
    for (unsigned i = 0; i < pipeline->track_count; i++)
        pipeline->tracks[i]->idle = false;
}

/* Whether some stream of the result can still take something. */
static bool wants_more(struct pipeline *pipeline)
{
    bool full = output_is_full(&pipeline->output);

    for (unsigned i = 0; i < pipeline->track_count; i++) {
        const struct track *track = pipeline->tracks[i];

        if (track->finished || full)
            continue;
        if (!track_is_full(track))
            return true;
        for (unsigned j = 0; j < pipeline->track_count; j++)
            track_finish(pipeline->tracks[j]);
    }
    return false;
}

/* The track whose part of the result is shortest; NULL when all are finished or idle. */
static struct track *choose_track(struct pipeline *pipeline)
{
    struct track *chosen = NULL;
    int64_t earliest = INT64_MAX;

    for (unsigned i = 0; i < pipeline->track_count; i++) {
        struct track *track = pipeline->tracks[i];
        int64_t position = track_position(track);

        if (!track->to->ready && !track->finished && !track->idle)
            return track;
        if (!track->finished && position < earliest) {
            earliest = position;
            chosen = track->idle ? NULL : track;
        }
    }
    return chosen;
}

enum step {
    STEP_WORKED,
    STEP_NEEDS_PACKET, /* read on */
    STEP_IDLE,         /* nothing to do for this track for now */
    STEP_STUCK,        /* the filters failed; ffmpeg ends the result here */
    STEP_FAILED,
};

static void finish_outputs(struct pipeline *pipeline, const struct filter *filter)
{
    for (unsigned i = 0; i < pipeline->track_count; i++) {
        if (pipeline->tracks[i]->filter == filter)
            track_finish(pipeline->tracks[i]);
    }
}

/* *wanted is the input to read from for STEP_NEEDS_PACKET. */
static enum step ask_filters(struct pipeline *pipeline, struct track *track, struct input **wanted,
                             struct error *err)
{
    struct filter *filter = track->filter;
    struct input_stream *hungry;
    int status;

    if (!track_open_sound(track, err))
        return STEP_FAILED;
    status = filter_request(filter);
    if (status >= 0)
        return pipeline_collect(pipeline, false, err) ? STEP_WORKED : STEP_FAILED;
    if (status == AVERROR_EOF) {
        if (!pipeline_collect(pipeline, true, err))
            return STEP_FAILED;
        finish_outputs(pipeline, filter);
        return STEP_WORKED;
    }
    if (status != AVERROR(EAGAIN))
        return STEP_STUCK;
    hungry = filter_hungry_for(filter);
    if (hungry) {
        *wanted = hungry->input;
        return STEP_NEEDS_PACKET;
    }
    for (unsigned i = 0; i < pipeline->track_count; i++)
        pipeline->tracks[i]->idle |= pipeline->tracks[i]->filter == filter;
    return STEP_IDLE;
}

/* Where the first frames of a graph that cannot be set up yet have to come from; NULL: nowhere. */
static struct input *missing_input(const struct pipeline *pipeline, const struct filter *filter)
{
    for (unsigned i = 0; i < filter->input_count; i++) {
        const struct input_stream *stream = filter->inputs[i].stream;
        unsigned index = stream->input->first_stream + (unsigned)stream->stream->index;

        if (pipeline->sources[index].decoder.frames == 0 && !stream->input->drained)
            return stream->input;
    }
    return NULL;
}

static enum step step(struct pipeline *pipeline, struct track *track, struct input **wanted,
                      struct error *err)
{
    struct filter *filter = track->filter;

    if (filter && !filter->graph && filter_knows_shapes(filter) && !filter_configure(filter, err))
        return STEP_FAILED;
    if (filter && filter->graph)
        return ask_filters(pipeline, track, wanted, err);
    *wanted = filter ? missing_input(pipeline, filter) : track->source->stream->input;
    if (*wanted && !(*wanted)->drained)
        return STEP_NEEDS_PACKET;
    track->idle = true;
    return STEP_IDLE;
}

/* What comes out of filters because their input has ended is collected when they are asked next. */
static bool read_on(struct pipeline *pipeline, struct input *input, struct error *err)
{
    if (!pipeline_read(pipeline, input, err))
        return false;
    if (!input->ended)
        wake_all(pipeline);
    return input->drained || pipeline_collect(pipeline, false, err);
}

static bool work(struct pipeline *pipeline, struct error *err)
{
    bool woken = false; /* and nothing has happened since */

    while (wants_more(pipeline)) {
        struct track *track = choose_track(pipeline);
        struct input *wanted = NULL;

        if (!pipeline_goes_on(pipeline, err))
            return false;
        if (!track) {
            if (woken || all_drained(pipeline))
                return true;
            wake_all(pipeline);
            woken = true;
            continue;
        }
        switch (step(pipeline, track, &wanted, err)) {
        case STEP_NEEDS_PACKET:
            if (!read_on(pipeline, wanted, err))
                return false;
            woken = false;
            break;
        case STEP_FAILED:
            return false;
        case STEP_STUCK:
            return true;
        case STEP_WORKED:
            woken = false;
            break;
        case STEP_IDLE:
            break;
        }
    }
    return true;
}

bool pipeline_run(struct pipeline *pipeline, struct error *err)
{
    if (!work(pipeline, err) || !pipeline_empty_decoders(pipeline, err))
        return false;
    for (unsigned i = 0; i < pipeline->track_count; i++) {
        if (!track_drain(pipeline->tracks[i], err))
            return false;
    }
    return output_finish(&pipeline->output, err);
}
