/* SPDX-License-Identifier: MIT */

/*
 * Finds out whether a filter graph only converts sound, and with what.
 * Threads: confined, like the graph.
 */

#pragma once

#include <stdbool.h>

#include <libavfilter/avfilter.h>
#include <libswresample/swresample.h>

/* Borrowed from the graph, all of it. */
struct conversion {
    SwrContext *swr; /* NULL: frames are fine as they are */
    AVFilterContext *source;
    AVFilterContext *sink;
};

/*
 * Of a graph that was configured. False: it does more than convert sound from one source for one
 * sink.
 */
bool conversion_find(const AVFilterGraph *graph, struct conversion *conversion);
