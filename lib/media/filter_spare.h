/* SPDX-License-Identifier: MIT */

/*
 * The filter graph that one item leaves behind for the next. Items of a run are mostly alike, and
 * to set up a graph, with the coefficients of its resampler, costs as much as to convert 0.15
 * seconds of sound. Only graphs are kept that convert sound by the usual means: what they do then
 * depends on nothing that was before.
 * Threads: confined to one worker.
 */

#pragma once

#include <stdbool.h>

#include "media/filter.h"

/* Zeroed it is empty. All it serves have one recipe. */
struct filter_spare {
    AVFilterGraph *graph; /* owned; NULL: there is none */

    /* What the graph was made for, or the one is that is being made. */
    struct frame_shape shape;
    struct filter_target target;
};

void filter_spare_release(struct filter_spare *spare);

/* Whether a graph may be kept for such a filter of sound, which is alone in the result. */
bool filter_spare_serves(const struct filter *filter);

/*
 * Gives a filter that is served, and has no graph, the one that was kept if it would make the same.
 * False: it has to make its own.
 */
bool filter_spare_take(struct filter *filter);

/* Takes the graph of a filter that has asked for one before, if it is not too large. */
void filter_spare_keep(struct filter *filter);
