/* SPDX-License-Identifier: MIT */

/*
 * Loudness and true peak as libavfilter finds them, in graphs beside the one that makes the result.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>

#include <libavfilter/avfilter.h>
#include <libavutil/frame.h>

#include "media/measurements.h"

/* A graph that takes frames and whose own frames are only looked at. */
struct meter_graph {
    AVFilterGraph *graph;    /* owned; NULL until the first frame */
    AVFilterContext *source; /* borrowed from graph */
    AVFilterContext *sink;   /* borrowed from graph */
};

struct meter_loudness {
    struct meter_graph r128;
    struct meter_graph fine; /* at 192 kHz */
    AVFrame *frame;          /* owned */
    double integrated;       /* LUFS */
    bool heard;              /* integrated has a value */
    double peak;
};

/* Zeroed memory is a fresh one. False: libavfilter cannot measure such frames. */
bool meter_loudness_add(struct meter_loudness *loudness, unsigned items, const AVFrame *frame);
void meter_loudness_release(struct meter_loudness *loudness);

/* After the last frame, once. */
void meter_loudness_read(struct meter_loudness *loudness, struct measurements *found);
