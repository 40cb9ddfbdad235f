/* SPDX-License-Identifier: MIT */

/*
 * Subtitles from one codec to another, as far as both are text or both are pictures.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>

#include "media/decoder.h"
#include "media/track.h"

/* AV_CODEC_PROP_TEXT_SUB, or AV_CODEC_PROP_BITMAP_SUB; 0: a codec of neither. */
int subtitle_kind(enum AVCodecID id);

/* Opens the encoder; the decoder is open. */
bool subtitle_open(struct track *track, struct error *err);

/* Decodes a packet; an empty one drains. DECODER_FRAME: *subtitle is filled, for avsubtitle_free.
 */
enum decoder_result subtitle_decode(struct decoder *decoder, const AVPacket *packet,
                                    AVSubtitle *subtitle);

/* Encodes into one track; subtitle may change. */
bool subtitle_encode(struct track *track, AVSubtitle *subtitle, struct error *err);
