/* SPDX-License-Identifier: MIT */

/*
 * Which streams of an input the result takes when nobody says so: ffmpeg's rule of the best one of
 * each type.
 * Threads: safe.
 */

#pragma once

#include <libavformat/avformat.h>

#include "media/input.h"

enum { STREAM_CHOICE_NONE = -1 };

/* The index of the audio stream to take, or STREAM_CHOICE_NONE. */
int stream_choice_audio(const struct input *input);

/* The same for video; into containers that hold pictures only as covers, only covers go. */
int stream_choice_video(const struct input *input, const AVOutputFormat *container);

/* The first subtitle stream that the container's usual encoder could take; any: whatever it is. */
int stream_choice_subtitle(const struct input *input, const AVOutputFormat *container, bool any);
