/* SPDX-License-Identifier: MIT */

/*
 * Which streams of the inputs the result takes when nobody says so: ffmpeg's rule of the best one
 * of each type.
 * Threads: safe.
 */

#pragma once

#include <libavformat/avformat.h>

#include "media/input.h"

/* The audio stream to take, or NULL. */
const struct input_stream *stream_choice_audio(const struct input_set *inputs);

/* The same for video; into containers that hold pictures only as covers, only covers go. */
const struct input_stream *stream_choice_video(const struct input_set *inputs,
                                               const AVOutputFormat *container);

/* The first subtitle stream that the container's usual encoder could take; any: whatever it is. */
const struct input_stream *stream_choice_subtitle(const struct input_set *inputs,
                                                  const AVOutputFormat *container, bool any);
