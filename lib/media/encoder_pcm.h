/* SPDX-License-Identifier: MIT */

/*
 * Encoding without an encoder: where PCM is stored as it lies in memory, a frame's own memory is
 * the packet that the encoder would have copied it into.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>

#include <libavcodec/avcodec.h>
#include <libavcodec/packet.h>
#include <libavutil/frame.h>

/* Whether the packets of context, which is open, are what its frames hold, byte by byte. */
bool encoder_pcm_is_plain(const AVCodecContext *context);

/* Moves the samples of frame, which has none then, into packet, which is empty. 0 or an AVERROR. */
int encoder_pcm_wrap(const AVCodecContext *context, AVFrame *frame, AVPacket *packet);
