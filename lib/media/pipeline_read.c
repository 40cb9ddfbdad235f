/* SPDX-License-Identifier: MIT */

/* Takes packets from the inputs through decoders into filters, and copies into the result. */

#include "media/pipeline_read.h"

#include "media/input_loop.h"
#include "media/libav.h"
#include "media/recipe_fields.h"
#include "media/stream_copy.h"
#include "media/subtitle.h"
#include "media/subtitle_canvas.h"

bool pipeline_collect(struct pipeline *pipeline, bool ending, struct error *err)
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
        if (!pipeline_collect(pipeline, true, err) || !filter_configure(filter, err))
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
    const struct input_damage place = { source->stream->stream->index, decoder->failed_at, "" };

    if (!pipeline->recipe->exits_on_error || (decoder->errors == 0 && decoder->corrupt == 0))
        return false;
    libav_error_as(err, "Media.DecodeError",
                   decoder->failure ? decoder->failure : AVERROR_INVALIDDATA,
                   "decode a packet (-xerror)");
    input_say_damage(&place, err);
    return true;
}

static bool decode_frames(struct pipeline *pipeline, struct source *source, const AVPacket *packet,
                          bool draining, struct error *err)
{
    const AVPacket *next = packet;

    for (;; next = NULL) {
        enum decoder_result result = decoder_next(&source->decoder, next, draining, err);

        if (result == DECODER_UNUSABLE || is_fatal(pipeline, source, err) ||
            !pipeline_goes_on(pipeline, err))
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

static bool decode_subtitle(struct pipeline *pipeline, struct source *source,
                            const AVPacket *packet, struct error *err)
{
    AVSubtitle subtitle;
    enum decoder_result result = subtitle_decode(&source->decoder, packet, &subtitle);
    bool ok = !is_fatal(pipeline, source, err);
    bool kept = false;

    if (ok && source->canvas && result == DECODER_FRAME)
        ok = subtitle_canvas_show(source->canvas, &subtitle, pipeline->output.memory_limit, &kept,
                                  err);
    if (packet->size == 0 && source->canvas && result != DECODER_FRAME)
        subtitle_canvas_end(source->canvas);
    if (packet->size == 0)
        ok = source_close_feeds(source, err) && ok;
    for (unsigned i = 0;
         ok && result == DECODER_FRAME && subtitle.num_rects > 0 && i < pipeline->track_count;
         i++) {
        struct track *track = pipeline->tracks[i];

        if (track->kind == TRACK_SUBTITLE && track->source == source)
            ok = subtitle_encode(track, &subtitle, err);
    }
    if (result == DECODER_FRAME && !kept)
        avsubtitle_free(&subtitle);
    return ok;
}

static bool decode(struct pipeline *pipeline, struct source *source, const AVPacket *packet,
                   struct error *err)
{
    const AVPacket *given = packet ? packet : pipeline->empty;

    decoder_begin(&source->decoder, packet);
    return source->decoder.context->codec_type == AVMEDIA_TYPE_SUBTITLE
               ? decode_subtitle(pipeline, source, given, err)
               : decode_frames(pipeline, source, given, !packet, err);
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

/* What follows on the end of a source whose decoder has given up all it held. */
typedef void source_end(const struct pipeline *pipeline, struct source *source);

static void seal_unfiltered(const struct pipeline *pipeline, struct source *source)
{
    for (unsigned i = 0; i < pipeline->track_count; i++) {
        struct track *track = pipeline->tracks[i];

        if (track->source == source && !track->sealed &&
            (track->kind == TRACK_COPIED || track->kind == TRACK_SUBTITLE))
            track_seal(track);
    }
}

static void begin_again(const struct pipeline *pipeline, struct source *source)
{
    (void)pipeline;
    if (source->decodes)
        avcodec_flush_buffers(source->decoder.context);
    source->drained = false;
}

/* One frame of one decoder at a time; *empty: they hold nothing any more. */
static bool drain_next(struct pipeline *pipeline, const struct input *input, source_end *end,
                       bool *empty, struct error *err)
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
        end(pipeline, source);
    }
    *empty = true;
    return true;
}

static bool check_packet(const struct pipeline *pipeline, const struct input *input,
                         struct error *err)
{
    if (!pipeline->recipe->exits_on_error || !(pipeline->packet->flags & AV_PKT_FLAG_CORRUPT))
        return true;
    error_set(err, ERROR_MEDIA, "Media.InvalidData", "corrupt input packet (-xerror)");
    input_say_damage(&input->damage, err);
    return false;
}

/* Filters may wait for subtitles that do not come before the other streams have gone on. */
static void beat(const struct pipeline *pipeline, const struct input_stream *stream)
{
    const struct input *input = stream->input;

    for (unsigned i = 0; i < input->stream_count; i++) {
        struct subtitle_canvas *canvas = pipeline->sources[input->first_stream + i].canvas;

        if (canvas)
            subtitle_canvas_beat(canvas, pipeline->packet->pts, stream->stream->time_base);
    }
}

bool pipeline_read(struct pipeline *pipeline, struct input *input, struct error *err)
{
    struct input_stream *stream;
    bool got = input_read(input, pipeline->packet, &stream);
    bool ok = true;

    if (!got && input_loop_is_due(input)) {
        bool empty;

        if (!drain_next(pipeline, input, begin_again, &empty, err))
            return false;
        if (!empty)
            return true;
        got = input_loop_rewind(input) && input_read(input, pipeline->packet, &stream);
    }
    if (!got) {
        if (pipeline->recipe->exits_on_error && input->failure < 0)
            return libav_error(err, input->failure, "read the input at %.3f s (-xerror)",
                               (double)input->last_ts / AV_TIME_BASE);
        return drain_next(pipeline, input, seal_unfiltered, &input->drained, err);
    }
    if (stream) {
        beat(pipeline, stream);
        ok = check_packet(pipeline, input, err) &&
             process(pipeline,
                     &pipeline->sources[input->first_stream + (unsigned)stream->stream->index],
                     pipeline->packet, err);
    }
    av_packet_unref(pipeline->packet);
    return ok;
}

bool pipeline_empty_decoders(struct pipeline *pipeline, struct error *err)
{
    for (unsigned i = 0; i < pipeline->source_count; i++) {
        struct source *source = &pipeline->sources[i];

        if (source->used && !source->stream->input->drained &&
            !process(pipeline, source, NULL, err))
            return false;
    }
    return true;
}
