/* SPDX-License-Identifier: MIT */

/* Lets packets wait for their decoder. */

#include "media/decoder_delay.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "media/libav.h"

/* libavcodec/pthread_frame.c: a frame of each thread but the last waits. */
unsigned decoder_delay_usual(const AVCodecContext *context)
{
    int threads = libav_usual_threads();

    if (!(context->codec->capabilities & AV_CODEC_CAP_FRAME_THREADS) ||
        (context->flags & AV_CODEC_FLAG_LOW_DELAY) || threads == 1)
        return 0;
    return (unsigned)threads - 1 - (context->codec_id == AV_CODEC_ID_FFV1);
}

void decoder_delay_release(struct decoder_delay *delay)
{
    for (unsigned i = 0; i < delay->count; i++)
        av_packet_free(&delay->packets[i]);
    free(delay->packets);
    *delay = (struct decoder_delay){ 0 };
}

static int hold(struct decoder_delay *delay, const AVPacket *packet)
{
    AVPacket *held = av_packet_clone(packet);

    if (!held)
        return AVERROR(ENOMEM);
    delay->packets = memory_grow(delay->packets, delay->count + 1, sizeof(AVPacket *));
    delay->packets[delay->count++] = held;
    return 0;
}

static int send_first(struct decoder_delay *delay, AVCodecContext *context)
{
    int status = avcodec_send_packet(context, delay->packets[0]);

    delay->dts = delay->packets[0]->dts;
    av_packet_free(&delay->packets[0]);
    delay->count--;
    memmove(delay->packets, delay->packets + 1, delay->count * sizeof(AVPacket *));
    return status;
}

static int drain(struct decoder_delay *delay, AVCodecContext *context, const AVPacket *empty,
                 AVFrame *frame)
{
    int status = avcodec_receive_frame(context, frame);

    while (status == AVERROR(EAGAIN) && delay->count > 0) {
        status = send_first(delay, context);
        if (status < 0 && status != AVERROR_EOF)
            return status;
        status = avcodec_receive_frame(context, frame);
    }
    if (status != AVERROR(EAGAIN))
        return status;
    status = avcodec_send_packet(context, empty);
    return status < 0 && status != AVERROR_EOF ? status : avcodec_receive_frame(context, frame);
}

int decoder_delay_receive(struct decoder_delay *delay, AVCodecContext *context,
                          const AVPacket *packet, AVFrame *frame)
{
    int status = 0;

    if (packet->size == 0)
        return drain(delay, context, packet, frame);
    status = hold(delay, packet);
    if (status >= 0 && delay->count > delay->length)
        status = send_first(delay, context);
    return status < 0 && status != AVERROR_EOF ? status : avcodec_receive_frame(context, frame);
}
