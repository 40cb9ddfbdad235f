/* SPDX-License-Identifier: MIT */

/*
 * -map_channel: which channels of the inputs make a stream of sound, and in which order. Values are
 * FILE.STREAM.CHANNEL or -1 for silence, with :FILE.STREAM of the result behind them.
 * Threads: safe.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/error.h"
#include "media/input.h"
#include "media/output.h"
#include "media/recipe_fields.h"

/* Why a value cannot be meant with so many inputs; NULL: it can. */
const char *channel_map_problem(const char *value, size_t inputs);

/* Whether the inputs have those channels. Fails with ERROR_USAGE. */
bool channel_map_check(const struct recipe_file *file, const struct input_set *inputs,
                       struct error *err);

/* The options of the filter pan for a stream of the result, for free(); NULL: it takes all. */
MUST_USE char *channel_map_pan(const struct recipe_file *file, const struct output_stream *to);
