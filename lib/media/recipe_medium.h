/* SPDX-License-Identifier: MIT */

/*
 * -target: the options that make a result fit a kind of disc or tape, as the ffmpeg program has
 * them. Names begin with a norm of television, or leave it to the input.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "media/recipe_apply.h"

/* Applies them where they stand, or keeps those that yield to the user's. Fails: ERROR_USAGE. */
bool recipe_medium_apply(struct recipe_target *to, const char *name, struct error *err);

/* After all options: gives libav those that the user says nothing else of. */
bool recipe_medium_settle(struct recipe *recipe, struct error *err);
