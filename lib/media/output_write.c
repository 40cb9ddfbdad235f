/* SPDX-License-Identifier: MIT */

/* Gives packets to the muxer. */

#include "media/output_write.h"

#include <inttypes.h>

#include <libavutil/macros.h>
#include <libavutil/mathematics.h>

#include "base/memory.h"
#include "media/libav.h"
#include "media/recipe_fields.h"
#include "media/time_math.h"

/* Muxers refuse times that run backwards, so they are pushed forward as ffmpeg does. */
static bool order_times(const struct output *output, const struct output_stream *stream,
                        AVPacket *packet, struct error *err)
{
    enum AVMediaType type = stream->stream->codecpar->codec_type;
    int flags = output->format->oformat->flags;
    int64_t earliest;

    if (flags & AVFMT_NOTIMESTAMPS)
        return true;
    if (packet->dts != AV_NOPTS_VALUE && packet->pts != AV_NOPTS_VALUE && packet->dts > packet->pts)
        packet->pts = packet->dts =
            time_median(packet->pts, packet->dts, time_plus(stream->last_dts, 1));
    if (packet->dts == AV_NOPTS_VALUE || stream->last_dts == AV_NOPTS_VALUE ||
        type == AVMEDIA_TYPE_DATA || type == AVMEDIA_TYPE_ATTACHMENT)
        return true;
    earliest = time_plus(stream->last_dts, !(flags & AVFMT_TS_NONSTRICT));
    if (packet->dts >= earliest)
        return true;
    if (output->recipe->exits_on_error)
        return error_set(err, ERROR_MEDIA, "Media.InvalidData",
                         "the times of stream %d of the result run backwards (-xerror)",
                         stream->stream->index);
    if (packet->pts >= packet->dts)
        packet->pts = FFMAX(packet->pts, earliest);
    packet->dts = earliest;
    return true;
}

static bool mux(struct output *output, struct output_stream *stream, AVPacket *packet,
                struct error *err)
{
    int status;

    if (stream->drops_times)
        packet->pts = packet->dts = AV_NOPTS_VALUE;
    if (stream->constant_rate.num)
        packet->duration = av_rescale_q(1, av_inv_q(stream->constant_rate), stream->base);
    time_rescale_packet(packet, stream->base, stream->stream->time_base);
    if (!order_times(output, stream, packet, err))
        return false;
    stream->last_dts = packet->dts;
    stream->packets++;
    packet->stream_index = stream->stream->index;
    status = av_interleaved_write_frame(output->format, packet);
    if (status >= 0)
        return true;
    return libav_error_as(err, "Media.MuxerFailed", status, "write into the result");
}

/* The muxer may have chosen other time bases; where nothing waits they can be used directly. */
bool output_write_waiting(struct output *output, struct output_stream *stream, struct error *err)
{
    bool ok = true;

    if (stream->waiting_count == 0)
        stream->base = stream->stream->time_base;
    for (unsigned i = 0; i < stream->waiting_count; i++) {
        if (ok)
            ok = mux(output, stream, stream->waiting[i], err);
        av_packet_free(&stream->waiting[i]);
    }
    stream->waiting_count = 0;
    return ok;
}

static bool keep(const struct output *output, struct output_stream *stream, AVPacket *packet,
                 struct error *err)
{
    AVPacket *kept = av_packet_alloc();

    if (stream->waiting_count >= stream->waiting_limit &&
        stream->waiting_bytes + (uint64_t)packet->size > stream->waiting_free) {
        av_packet_free(&kept);
        return error_set(err, ERROR_MEDIA, "Media.TooManyPackets",
                         "too many packets wait for another stream of the result to begin");
    }
    if (output->memory_limit &&
        stream->waiting_bytes + (uint64_t)packet->size > output->memory_limit) {
        av_packet_free(&kept);
        return error_set(err, ERROR_MEDIA, "Media.TooMuchMemory",
                         "packets that wait for another stream of the result to begin take more "
                         "than the limit of %" PRIu64 " bytes",
                         output->memory_limit);
    }
    if (!kept || av_packet_make_refcounted(packet) < 0) {
        av_packet_free(&kept);
        return libav_error(err, AVERROR(ENOMEM), "keep a packet");
    }
    av_packet_move_ref(kept, packet);
    stream->waiting = memory_grow(stream->waiting, stream->waiting_count + 1, sizeof(AVPacket *));
    stream->waiting[stream->waiting_count++] = kept;
    stream->waiting_bytes += (uint64_t)kept->size;
    return true;
}

/* Pictures to encode are counted before the encoder, because it holds some back. */
static bool write_one(struct output *output, struct output_stream *stream, AVPacket *packet,
                      struct error *err)
{
    if (stream->copies || stream->stream->codecpar->codec_type != AVMEDIA_TYPE_VIDEO) {
        if (stream->frames >= stream->frame_limit) {
            av_packet_unref(packet);
            return true;
        }
        stream->frames++;
    }
    return output->header_written ? mux(output, stream, packet, err)
                                  : keep(output, stream, packet, err);
}

bool output_write(struct output *output, struct output_stream *stream, AVPacket *packet,
                  struct error *err)
{
    AVPacket *filtered;
    bool ok = true;
    int status;

    if (!stream->filter)
        return !packet || write_one(output, stream, packet, err);
    filtered = av_packet_alloc();
    status = filtered ? av_bsf_send_packet(stream->filter, packet) : AVERROR(ENOMEM);
    while (ok && status >= 0) {
        status = av_bsf_receive_packet(stream->filter, filtered);
        if (status >= 0)
            ok = write_one(output, stream, filtered, err);
    }
    if (packet)
        av_packet_unref(packet);
    av_packet_free(&filtered);
    if (ok && status != AVERROR(EAGAIN) && status != AVERROR_EOF && output->recipe->exits_on_error)
        return libav_error_as(err, "Media.FilterFailed", status, "apply -bsf to a packet");
    return ok;
}
