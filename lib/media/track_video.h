/* SPDX-License-Identifier: MIT */

/*
 * What a track does with pictures: each goes into the result as often as -fps_mode says.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "media/track.h"

/* Before the filters are made. */
void track_video_init(struct track *track);

/* Encodes track->filtered, or keeps it to be repeated; the encoder is open. */
bool track_video_encode(struct track *track, struct error *err);

/* Repeats the last picture as often as is usual. */
bool track_video_end(struct track *track, struct error *err);
