/* SPDX-License-Identifier: MIT */

/*
 * -stream_loop: an input that begins again when it has ended, with times that go on.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>

#include <libavcodec/packet.h>

#include "media/input.h"

/* Whether the input is to begin again at its end. */
bool input_loop_is_due(const struct input *input);

/* Goes back to the beginning; false: the container cannot, and the input has ended. */
bool input_loop_rewind(struct input *input);

/* Adds the length of the rounds before to the packet's corrected times. */
void input_loop_shift(struct input *input, struct input_stream *stream, AVPacket *packet);
