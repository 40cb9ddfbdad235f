/* SPDX-License-Identifier: MIT */

/*
 * Whether the value of an option can be meant, as far as that is known without an input.
 * Threads: safe.
 */

#pragma once

#include <stdbool.h>

#include <libavcodec/avcodec.h>

#include "base/attributes.h"
#include "media/recipe_options.h"
#include "media/video_sync.h"

/* Why value cannot be taken with so many inputs, in ffmpeg's words; NULL: it can. */
const char *recipe_value_problem(enum recipe_key key, enum recipe_scope scope,
                                 const char *specifier, const char *value, size_t inputs);

/* The same for a filter graph, for free(); simple: it must have one input and one output. */
MUST_USE char *recipe_graph_problem(const char *graph, bool simple);

/* A name, or a number for -vsync; false: neither. */
bool recipe_sync_method(const char *value, bool numbers, enum video_sync_method *method);

/* Packets of which kinds a stream's reader or decoder leaves out: -discard, -skip_frame. */
bool recipe_discard(const char *value, enum AVDiscard *discard);

/* Changes *flags (AV_DISPOSITION_...) as -disposition says. */
bool recipe_disposition(const char *value, int *flags);

/* Whether a filter graph takes it for its threads. */
bool recipe_is_thread_count(const char *value);

/* Changes *flags (enum recipe_abort) as -abort_on says; false: it names others. */
bool recipe_abort_flags(const char *value, int *flags);
