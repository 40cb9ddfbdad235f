/* SPDX-License-Identifier: MIT */

/*
 * Which streams a graph of -filter_complex reads.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>

#include <libavfilter/avfilter.h>

#include "base/error.h"
#include "media/pipeline.h"

/* Finds the stream for an open input of filter and feeds it. Fails: Media.NoStream. */
bool pipeline_pads_connect(struct pipeline *pipeline, struct filter *filter,
                           const AVFilterInOut *end, struct error *err);
