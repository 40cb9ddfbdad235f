/* SPDX-License-Identifier: MIT */

/*
 * What a result says of itself and its streams: tags, chapters and dispositions, from the inputs
 * and from the recipe.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "media/input.h"
#include "media/output.h"

/* After the last output_add. */
bool output_describe(struct output *output, const struct input_set *inputs, struct error *err);
