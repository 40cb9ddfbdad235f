/* SPDX-License-Identifier: MIT */

/* Keeps what belongs to one stream of the input. */

#include "media/source.h"

#include <stdlib.h>

#include <libavutil/mathematics.h>

#include "base/memory.h"
#include "media/input_loop.h"
#include "media/recipe_fields.h"
#include "media/subtitle_canvas.h"
#include "media/time_math.h"

void source_feed(struct source *source, struct filter *filter, unsigned input)
{
    source->feeds = memory_grow(source->feeds, source->feed_count + 1, sizeof(*source->feeds));
    source->feeds[source->feed_count++] = (struct source_feed){ filter, input };
}

/*
 * Whether the result shows how far streams were read when a frame came out: where it ends with one,
 * where filters mix streams, and with sound, whose times are smoothed by those of the packet that
 * was read last.
 */
static bool shows_delay(const struct source *source)
{
    const struct recipe *recipe = source->stream->input->recipe;
    const struct recipe_file *file = &recipe->output;

    if (source->stream->stream->codecpar->codec_type == AVMEDIA_TYPE_AUDIO)
        return true;
    for (size_t i = 0; i < file->setting_count; i++) {
        if (file->settings[i].key == RECIPE_FRAMES)
            return true;
    }
    return recipe->graph_count > 0 || file->shortest || file->size_limit != INT64_MAX;
}

/* Whether ffmpeg would decode with as many threads as it likes. */
static bool has_usual_threads(const struct source *source, const AVDictionary *options)
{
    return !av_dict_get(options, "threads", NULL, 0) &&
           !av_dict_get(options, "thread_type", NULL, 0) &&
           !(source->stream->stream->disposition & AV_DISPOSITION_ATTACHED_PIC);
}

bool source_open(struct source *source, struct frame_memory *memory, struct error *err)
{
    AVDictionary *options;
    bool delays;

    if (!source->decodes)
        return true;
    options = input_decoder_options(source->stream);
    /* A subtitle on a canvas stays until the next one; only a packet of its own needs an end. */
    if (source->stream->stream->codecpar->codec_id == AV_CODEC_ID_DVB_SUBTITLE)
        av_dict_set_int(&options, "compute_edt", source->converts, AV_DICT_DONT_OVERWRITE);
    delays = shows_delay(source) && has_usual_threads(source, options);
    if (!decoder_open(&source->decoder, source->stream, memory, options, err))
        return false;
    if (delays)
        source->decoder.delay.length = decoder_delay_usual(source->decoder.context);
    return true;
}

void source_release(struct source *source)
{
    decoder_release(&source->decoder);
    subtitle_canvas_free(source->canvas);
    free(source->feeds);
}

bool source_close_feeds(struct source *source, struct error *err)
{
    int64_t pts = av_rescale_q_rnd(source->stream->timeline.pts, AV_TIME_BASE_Q,
                                   source->stream->stream->time_base,
                                   AV_ROUND_NEAR_INF | AV_ROUND_PASS_MINMAX);

    source->drained = true;
    if (input_loop_is_due(source->stream->input))
        return true;
    for (unsigned i = 0; i < source->feed_count; i++) {
        if (!filter_close(source->feeds[i].filter, source->feeds[i].input, pts, err))
            return false;
    }
    return true;
}

/* Where the pictures begin that a decoder would hold back. */
static int64_t first_dts(const AVStream *stream)
{
    AVRational rate = stream->avg_frame_rate;

    if (!rate.num)
        return 0;
    return (int64_t)(-stream->codecpar->video_delay * AV_TIME_BASE / av_q2d(rate));
}

void source_begin_copy(struct source *source, const AVPacket *packet)
{
    const AVStream *stream = source->stream->stream;
    struct timeline *timeline = &source->stream->timeline;

    if (!timeline->begun) {
        timeline->dts = first_dts(stream);
        timeline->pts = 0;
        if (packet && packet->pts != AV_NOPTS_VALUE) {
            timeline->dts = time_plus(timeline->dts,
                                      av_rescale_q(packet->pts, stream->time_base, AV_TIME_BASE_Q));
            timeline->pts = timeline->dts;
        }
        timeline->begun = true;
    }
    if (timeline->next_dts == AV_NOPTS_VALUE)
        timeline->next_dts = timeline->dts;
    if (timeline->next_pts == AV_NOPTS_VALUE)
        timeline->next_pts = timeline->pts;
    if (packet && packet->dts != AV_NOPTS_VALUE) {
        timeline->dts = av_rescale_q(packet->dts, stream->time_base, AV_TIME_BASE_Q);
        timeline->next_dts = timeline->next_pts = timeline->pts = timeline->dts;
    }
}

static int64_t picture_length(const struct source *source, const AVPacket *packet)
{
    const AVStream *stream = source->stream->stream;
    const AVCodecParserContext *parser = av_stream_get_parser(stream);
    AVRational rate = stream->avg_frame_rate;

    if (packet->duration)
        return av_rescale_q(packet->duration, stream->time_base, AV_TIME_BASE_Q);
    if (!rate.num)
        return 0;
    return (int64_t)AV_TIME_BASE * rate.den * (parser ? parser->repeat_pict + 1 : 1) / rate.num;
}

void source_advance_copy(struct source *source, const AVPacket *packet)
{
    const AVStream *stream = source->stream->stream;
    const AVCodecParameters *parameters = stream->codecpar;
    struct timeline *timeline = &source->stream->timeline;
    AVRational forced = source->stream->frame_rate;
    int64_t length = 0;

    timeline->dts = timeline->next_dts;
    if (parameters->codec_type == AVMEDIA_TYPE_AUDIO && parameters->sample_rate) {
        length = (int64_t)AV_TIME_BASE * parameters->frame_size / parameters->sample_rate;
    } else if (parameters->codec_type == AVMEDIA_TYPE_AUDIO) {
        length = av_rescale_q(packet->duration, stream->time_base, AV_TIME_BASE_Q);
    } else if (parameters->codec_type == AVMEDIA_TYPE_VIDEO && forced.num) {
        int64_t next = av_rescale_q(timeline->next_dts, AV_TIME_BASE_Q, av_inv_q(forced));

        length = time_minus(av_rescale_q(time_plus(next, 1), av_inv_q(forced), AV_TIME_BASE_Q),
                            timeline->next_dts);
    } else if (parameters->codec_type == AVMEDIA_TYPE_VIDEO) {
        length = picture_length(source, packet);
    }
    timeline->next_dts = time_plus(timeline->next_dts, length);
    timeline->pts = timeline->dts;
    timeline->next_pts = timeline->next_dts;
}
