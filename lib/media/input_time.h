/* SPDX-License-Identifier: MIT */

/*
 * Corrects the timestamps of packets the way ffmpeg does: they begin at zero, wrapped counters go
 * on, and jumps are closed.
 * Threads: confined.
 */

#pragma once

#include <libavcodec/packet.h>

#include "media/input.h"

void input_time_correct(struct input *input, struct input_stream *stream, AVPacket *packet);

/* -isync: an input that is to keep its distance from another one begins as much later. */
void input_time_sync(struct input_set *inputs);
