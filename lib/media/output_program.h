/* SPDX-License-Identifier: MIT */

/*
 * -program: streams of a result that belong together, with a title.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>

#include <libavformat/avformat.h>

#include "base/error.h"
#include "media/output.h"

/*
 * Adds what a text such as "title=News:st=0:st=1" describes; program_num= gives its number, else
 * that is usual. NULL: done, or else what is wrong with it. format NULL: it is only checked.
 */
const char *output_program(AVFormatContext *format, const char *text, int usual);

/* All that the recipe describes. */
bool output_program_add_all(struct output *output, struct error *err);
