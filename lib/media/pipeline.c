/* SPDX-License-Identifier: MIT */

/* Moves packets and frames through a pipeline. */

#include "media/pipeline.h"

#include "media/input_loop.h"
#include "media/libav.h"
#include "media/recipe_fields.h"
#include "media/stream_copy.h"
#include "media/subtitle.h"

bool pipeline_goes_on(const struct pipeline *pipeline, struct error *err)
{
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

static bool collect_all(struct pipeline *pipeline, bool ending, struct error *err)
{
    for (unsigned i = 0; i < pipeline->track_count; i++) {
        if (!track_collect(pipeline->tracks[i], ending, err))
            return false;
    }
    return true;
}

/* Gives one frame to one graph, which is made anew when the frame needs another one. */
static bool feed_frame(struct pipeline *pipeline, const struct source_feed *feed, AVFrame *frame,
                       struct error *err)
{
    struct filter *filter = feed->filter;

    if (filter_must_change(filter, feed->input, frame)) {
        filter_shape_from_frame(filter, feed->input, frame);
        if (!filter_knows_shapes(filter))
            return filter_keep(filter, feed->input, frame, err);
        if (!collect_all(pipeline, true, err) || !filter_configure(filter, err))
            return false;
    }
    return filter_push(filter, feed->input, frame, err);
}

static bool feed_all(struct pipeline *pipeline, struct source *source, struct error *err)
{
    AVFrame *frame = source->decoder.frame;
    bool ok = true;

    for (unsigned i = 0; ok && i < source->feed_count; i++) {
        AVFrame *given = i + 1 < source->feed_count ? av_frame_clone(frame) : frame;

        ok = given ? feed_frame(pipeline, &source->feeds[i], given, err)
                   : libav_error(err, AVERROR(ENOMEM), "share a frame");
        if (given != frame)
            av_frame_free(&given);
    }
    av_frame_unref(frame);
    return ok;
}

static bool is_fatal(const struct pipeline *pipeline, const struct source *source,
                     struct error *err)
{
    const struct decoder *decoder = &source->decoder;

    if (!pipeline->recipe->exits_on_error || (decoder->errors == 0 && decoder->corrupt == 0))
        return false;
    libav_error_as(err, "Media.DecodeError",
                   decoder->failure ? decoder->failure : AVERROR_INVALIDDATA,
                   "decode stream %d at %.3f s (-xerror)", source->stream->stream->index,
                   (double)decoder->stream->timeline.dts / AV_TIME_BASE);
    return true;
}

static bool decode_frames(struct pipeline *pipeline, struct source *source, AVPacket *packet,
                          bool draining, struct error *err)
{
    AVPacket *next = packet;

    for (;; next = NULL) {
        enum decoder_result result = decoder_next(&source->decoder, next, draining, err);

        if (result == DECODER_UNUSABLE || is_fatal(pipeline, source, err))
            return false;
        if (result == DECODER_ENDED)
            return !draining || source_close_feeds(source, err);
        if (result != DECODER_FRAME)
            return true;
        if (!feed_all(pipeline, source, err))
            return false;
        /* One frame at a time while draining, so that a change of shape loses none. */
        if (draining)
            return true;
    }
}

static bool decode_subtitle(struct pipeline *pipeline, struct source *source, AVPacket *packet,
                            struct error *err)
{
    AVSubtitle subtitle;
    enum decoder_result result = subtitle_decode(&source->decoder, packet, &subtitle);
    bool ok = !is_fatal(pipeline, source, err);

    source->drained |= packet->size == 0;
    for (unsigned i = 0;
         ok && result == DECODER_FRAME && subtitle.num_rects > 0 && i < pipeline->track_count;
         i++) {
        struct track *track = pipeline->tracks[i];

        if (track->kind == TRACK_SUBTITLE && track->source == source)
            ok = subtitle_encode(track, &subtitle, err);
    }
    if (result == DECODER_FRAME)
        avsubtitle_free(&subtitle);
    return ok;
}

static bool decode(struct pipeline *pipeline, struct source *source, const AVPacket *packet,
                   struct error *err)
{
    AVPacket *copy = packet ? av_packet_clone(packet) : av_packet_alloc();
    bool ok;

    if (!copy)
        return libav_error(err, AVERROR(ENOMEM), "decode a packet");
    decoder_begin(&source->decoder, packet);
    if (source->decoder.context->codec_type == AVMEDIA_TYPE_SUBTITLE)
        ok = decode_subtitle(pipeline, source, copy, err);
    else
        ok = decode_frames(pipeline, source, copy, !packet, err);
    av_packet_free(&copy);
    return ok;
}

/* packet NULL: the input has ended; a decoder then gives one more frame. */
static bool process(struct pipeline *pipeline, struct source *source, const AVPacket *packet,
                    struct error *err)
{
    if (source->decodes) {
        if (!decode(pipeline, source, packet, err))
            return false;
    } else {
        source_begin_copy(source, packet);
        if (packet)
            source_advance_copy(source, packet);
        source->drained = !packet;
    }
    for (unsigned i = 0; i < pipeline->track_count; i++) {
        struct track *track = pipeline->tracks[i];

        if (track->kind == TRACK_COPIED && track->source == source &&
            !stream_copy_packet(track, packet, err))
            return false;
    }
    return true;
}

static void seal_unfiltered(struct pipeline *pipeline, const struct source *source)
{
    for (unsigned i = 0; i < pipeline->track_count; i++) {
        struct track *track = pipeline->tracks[i];

        if (track->source == source && !track->sealed &&
            (track->kind == TRACK_COPIED || track->kind == TRACK_SUBTITLE))
            track_seal(track);
    }
}

/* After the last packet every decoder is drained, one frame of one decoder at a time. */
static bool drain_next(struct pipeline *pipeline, struct input *input, struct error *err)
{
    for (unsigned i = 0; i < input->stream_count; i++) {
        struct source *source = &pipeline->sources[input->first_stream + i];

        if (!source->used)
            continue;
        if (!process(pipeline, source, NULL, err))
            return false;
        if (!source->drained)
            return true;
        seal_unfiltered(pipeline, source);
    }
    input->drained = true;
    return true;
}

/*
 * Before an input begins again its decoders give up what they hold, one frame at a time; *empty:
 * they hold nothing any more.
 */
static bool end_round(struct pipeline *pipeline, const struct input *input, bool *empty,
                      struct error *err)
{
    *empty = false;
    for (unsigned i = 0; i < input->stream_count; i++) {
        struct source *source = &pipeline->sources[input->first_stream + i];

        if (!source->used)
            continue;
        if (!process(pipeline, source, NULL, err))
            return false;
        if (!source->drained)
            return true;
        if (source->decodes)
            avcodec_flush_buffers(source->decoder.context);
        source->drained = false;
    }
    *empty = true;
    return true;
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

static bool check_packet(const struct pipeline *pipeline, struct error *err)
{
    const AVPacket *packet = pipeline->packet;

    if (!pipeline->recipe->exits_on_error || !(packet->flags & AV_PKT_FLAG_CORRUPT))
        return true;
    return error_set(err, ERROR_MEDIA, "Media.InvalidData",
                     "corrupt input packet in stream %d (-xerror)", packet->stream_index);
}

static bool read_one(struct pipeline *pipeline, struct input *input, struct error *err)
{
    struct input_stream *stream;
    bool got = input_read(input, pipeline->packet, &stream);
    bool ok = true;

    if (!got && input_loop_is_due(input)) {
        bool empty;

        if (!end_round(pipeline, input, &empty, err))
            return false;
        if (!empty)
            return true;
        got = input_loop_rewind(input) && input_read(input, pipeline->packet, &stream);
    }
    if (!got) {
        if (pipeline->recipe->exits_on_error && input->failure < 0)
            return libav_error(err, input->failure, "read the input (-xerror)");
        return drain_next(pipeline, input, err);
    }
    if (stream) {
        wake_all(pipeline);
        ok = check_packet(pipeline, err) &&
             process(pipeline,
                     &pipeline->sources[input->first_stream + (unsigned)stream->stream->index],
                     pipeline->packet, err);
    }
    av_packet_unref(pipeline->packet);
    return ok;
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
    status = avfilter_graph_request_oldest(filter->graph);
    if (status >= 0)
        return collect_all(pipeline, false, err) ? STEP_WORKED : STEP_FAILED;
    if (status == AVERROR_EOF) {
        if (!collect_all(pipeline, true, err))
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

/* When enough has come out before an input ended, the decoders still give up what they hold. */
static bool empty_decoders(struct pipeline *pipeline, struct error *err)
{
    for (unsigned i = 0; i < pipeline->source_count; i++) {
        struct source *source = &pipeline->sources[i];

        if (source->used && !source->stream->input->drained &&
            !process(pipeline, source, NULL, err))
            return false;
    }
    return true;
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
            if (!read_one(pipeline, wanted, err))
                return false;
            if (!wanted->drained && !collect_all(pipeline, false, err))
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
    if (!work(pipeline, err) || !empty_decoders(pipeline, err))
        return false;
    for (unsigned i = 0; i < pipeline->track_count; i++) {
        if (!track_drain(pipeline->tracks[i], err))
            return false;
    }
    return output_finish(&pipeline->output, err);
}
