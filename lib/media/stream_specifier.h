/* SPDX-License-Identifier: MIT */

/*
 * The part after the colon in "-b:a": which streams an option is for. All forms of ffmpeg: an
 * index, a type, m:KEY:VALUE, p:PROGRAM, u, i:ID and #ID, and types followed by these.
 * Threads: safe.
 */

#pragma once

#include <stdbool.h>

#include <libavformat/avformat.h>

/* One stream among those of its file; both borrowed. */
struct stream_place {
    AVFormatContext *format;
    AVStream *stream;
};

bool stream_specifier_is_valid(const char *specifier);

/* specifier is valid. */
bool stream_specifier_matches(const char *specifier, const struct stream_place *place);
