/* SPDX-License-Identifier: MIT */

/*
 * Whether as much was decoded as the container declares, and whether the container itself is whole.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "media/input.h"
#include "media/source.h"

/*
 * sources are those of the input. An input that was not read from its beginning to its end has
 * nothing to say. Fails with Media.LengthMismatch, Media.DecodeError, or as the reader does.
 */
bool verdict_lengths(const struct input *input, const struct source *sources, double tolerance_s,
                     struct error *err);

/*
 * How many seconds the streams that were asked for should last: all there is, as the container
 * declares it, unless another stream goes on longer; 0: not known.
 */
double verdict_lengths_wanted(const struct input *input);
