/* SPDX-License-Identifier: MIT */

/*
 * Frames to packets for one stream of the result, drained at the end.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <libavcodec/avcodec.h>
#include <libavutil/dict.h>
#include <libavutil/frame.h>

#include "base/error.h"
#include "media/filter.h"
#include "media/output.h"

struct encoder {
    AVCodecContext *context; /* owned */
    AVDictionary *options;   /* owned; what opening has not taken yet */
    AVPacket *packet;        /* owned */
    struct output *output;   /* borrowed */
    struct output_stream *to;
    const struct input_stream *from; /* borrowed; whose frames they are; NULL: several, or none */
    AVRational frame_rate;           /* video only; forced with -r until it is open */
    AVRational aspect;               /* video only; forced with -aspect */
    bool constant_rate;              /* video only */
    int64_t samples;                 /* audio only: per channel */
    bool is_plain;                   /* its packets are the frames' own memory */
    bool open;
};

/* Prepares codec for a stream of the result. Release it even after a failure. */
bool encoder_init(struct encoder *encoder, const AVCodec *codec, struct output *output,
                  struct output_stream *to, struct error *err);
void encoder_release(struct encoder *encoder);

/* What the recipe says for its stream; borrowed; NULL: nothing. */
const char *encoder_setting(const struct encoder *encoder, enum recipe_key key);

/* What the filters must make for it (encoder_target.c). */
bool encoder_target(const struct encoder *encoder, struct filter_target *target, struct error *err);

/* Where its frames come from. */
struct encoder_source {
    struct filter *filter;
    unsigned output;               /* of the filter */
    const AVCodecContext *decoder; /* NULL: several or none */
};

/*
 * Opens it for what the filters give and makes the stream ready in the output. first is a
 * picture whose colours and fields describe the stream, NULL for audio.
 */
bool encoder_open(struct encoder *encoder, const struct encoder_source *source,
                  const AVFrame *first, struct error *err);

/* The same when nothing has to be taken from filters: the context is set up. */
bool encoder_open_context(struct encoder *encoder, struct error *err);

/* Encodes frame, NULL to drain, and writes the packets that come out. The samples may be gone. */
bool encoder_encode(struct encoder *encoder, AVFrame *frame, struct error *err);
