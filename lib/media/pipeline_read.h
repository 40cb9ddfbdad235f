/* SPDX-License-Identifier: MIT */

/*
 * The first half of the loop: from an input's packets to what the filters can give.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "media/pipeline.h"

/* Reads one packet of input, or at its end drains its decoders by one frame. */
bool pipeline_read(struct pipeline *pipeline, struct input *input, struct error *err);

/* When enough has come out before an input ended, its decoders still give up what they hold. */
bool pipeline_empty_decoders(struct pipeline *pipeline, struct error *err);

/* Encodes what has come out of all filters; ending: they have nothing after that. */
bool pipeline_collect(struct pipeline *pipeline, bool ending, struct error *err);
