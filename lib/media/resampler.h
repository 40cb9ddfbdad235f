/* SPDX-License-Identifier: MIT */

/*
 * Does for frames of sound what a filter graph does that only converts them, without the graph:
 * the same frames come out, with the same samples, times and sizes, for a fraction of the cost. The
 * graph has chosen the formats and set up the conversion, which is used from here on.
 * Threads: confined.
 */

#pragma once

#include <libavfilter/avfilter.h>
#include <libavutil/frame.h>

#include "base/attributes.h"

struct resampler;

/*
 * Takes the place of a graph that was configured and has got no frame yet. The graph must stay and
 * gets none. NULL: it does more than convert sound from one source for one sink.
 */
MUST_USE struct resampler *resampler_new(const AVFilterGraph *graph);
void resampler_free(struct resampler *resampler);

/* Samples in each frame that comes out but the last; 0, as at first: what there is. */
void resampler_set_frame_size(struct resampler *resampler, unsigned samples);

/* Converts a frame, of which the caller unrefs what is left. An AVERROR when there is no memory. */
int resampler_push(struct resampler *resampler, AVFrame *frame);

/* No more frames come in. */
void resampler_close(struct resampler *resampler);

/*
 * Makes what is held back come out. 0: pull may give something now; AVERROR(EAGAIN): only another
 * frame helps; AVERROR_EOF: nothing is left.
 */
int resampler_request(struct resampler *resampler);

/* The next frame; AVERROR(EAGAIN) or AVERROR_EOF when there is none. */
int resampler_pull(struct resampler *resampler, AVFrame *frame);
