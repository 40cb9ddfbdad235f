/* SPDX-License-Identifier: MIT */

/*
 * Options that the ffmpeg program turns into tags of the result.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "media/recipe_apply.h"

/* -timecode: a tag, and what some encoders write into their streams. */
bool recipe_tags_timecode(struct recipe_target *to, const char *value, struct error *err);

/* -timestamp: a date, or "now", as creation_time. Fails with ERROR_USAGE. */
bool recipe_tags_timestamp(struct recipe_target *to, const char *value, struct error *err);
