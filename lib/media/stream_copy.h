/* SPDX-License-Identifier: MIT */

/*
 * Packets of the input put into the result as they are: ffmpeg's -c copy.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>

#include "media/track.h"

/* Describes the stream as the input's and makes it ready. */
bool stream_copy_open(struct track *track, struct error *err);

/* Copies a packet whose times are corrected; NULL: no more follow. */
bool stream_copy_packet(struct track *track, const AVPacket *packet, struct error *err);
