/* SPDX-License-Identifier: MIT */

/*
 * Packets held back before a decoder of one thread, so that its frames come as late as from
 * ffmpeg's, which decodes several packets at once. What else was read by then shows in a result
 * that ends with a number of frames or bytes, and in the times of sound.
 * Threads: confined.
 */

#pragma once

#include <libavcodec/avcodec.h>

struct decoder_delay {
    AVPacket **packets; /* owned, each too; the oldest first */
    unsigned count;
    unsigned length; /* how many are held back */
    int64_t dts;     /* of the packet that the decoder got last, in its stream's time base */
};

/* How many packets ffmpeg's decoder would be behind when nobody chose its threads. */
unsigned decoder_delay_usual(const AVCodecContext *context);

void decoder_delay_release(struct decoder_delay *delay);

/*
 * Gives a packet to the decoder, or the one whose turn it is, and takes a frame; an empty packet
 * drains. An AVERROR: EAGAIN when there is no frame yet, AVERROR_EOF at the end.
 */
int decoder_delay_receive(struct decoder_delay *delay, AVCodecContext *context,
                          const AVPacket *packet, AVFrame *frame);
