/* SPDX-License-Identifier: MIT */

/*
 * Counts what the decoded frames of one item take, in decoders and in filters. Each frame carries
 * a mark, which libav copies to whatever it makes of the frame, so a frame counts until nothing is
 * left that came of it; that is how frames are seen which filters such as reverse hold back.
 * Threads: decoders may have some of their own; all else is confined.
 */

#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <libavcodec/avcodec.h>
#include <libavutil/frame.h>

#include "base/error.h"

/* Outlives all frames. */
struct frame_memory {
    uint64_t limit; /* bytes; 0: none */
    atomic_uint_least64_t bytes;
    atomic_bool exceeded;
};

/* From now on counts what the decoder, not opened yet, allocates. Its opaque is used for that. */
void frame_memory_watch(struct frame_memory *memory, AVCodecContext *decoder);

/*
 * Marks a frame with a number of bytes, but at least its own, instead of what marked it before.
 * Fails like frame_memory_check, and when there is no memory for the mark.
 */
bool frame_memory_count(struct frame_memory *memory, AVFrame *frame, uint64_t bytes,
                        struct error *err);

/* The frame counts no more. */
void frame_memory_forget(AVFrame *frame);

/* Fails with Media.TooMuchMemory once there was more than the limit. */
bool frame_memory_check(const struct frame_memory *memory, struct error *err);

/* What a frame references; several frames may share it. */
uint64_t frame_memory_of(const AVFrame *frame);
