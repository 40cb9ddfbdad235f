/* SPDX-License-Identifier: MIT */

/*
 * Measures the frames of one stream of sound on their way to the encoder and leaves them as they
 * are.
 * Threads: confined.
 */

#pragma once

#include <libavutil/frame.h>

#include "base/attributes.h"
#include "media/measurements.h"

struct meter;

/* items: enum measurement. */
MUST_USE struct meter *meter_new(unsigned items);
void meter_free(struct meter *meter);

/* All frames of a stream have one rate, format and layout. What cannot be measured of them, as
 * loudness in a layout that libavfilter refuses, stays unknown. */
void meter_add(struct meter *meter, const AVFrame *frame);

/* After the last frame. */
struct measurements meter_read(struct meter *meter);
