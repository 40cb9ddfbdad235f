/* SPDX-License-Identifier: MIT */

/*
 * What is special about encoders of pictures; a part of encoder.c.
 * Threads: confined.
 */

#pragma once

#include "media/encoder.h"

bool encoder_video_init(struct encoder *encoder);
void encoder_video_target(const struct encoder *encoder, struct filter_target *target);
void encoder_video_prepare(struct encoder *encoder, const struct encoder_source *source,
                           const AVFrame *first);

/* -top, for encoders that code fields. */
void encoder_video_mark_fields(const struct encoder *encoder, AVFrame *frame);

/* From encoder.c: most is what the format can hold. */
void encoder_set_raw_bits(struct encoder *encoder, const struct encoder_source *source, int most);
AVRational encoder_time_base(const struct encoder *encoder, AVRational usual);
