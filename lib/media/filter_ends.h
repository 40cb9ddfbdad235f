/* SPDX-License-Identifier: MIT */

/*
 * The two ends of a filter graph and what ffmpeg puts beside them by itself.
 * Threads: confined.
 */

#pragma once

#include "media/filter.h"

/* Each connects an end with a pad of the user's filters; returns an AVERROR or 0. */
int filter_ends_make_source(struct filter *filter, unsigned index, AVFilterContext *next,
                            unsigned next_pad);
int filter_ends_make_sink(struct filter *filter, unsigned index, AVFilterContext *last,
                          unsigned last_pad);
