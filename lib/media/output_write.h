/* SPDX-License-Identifier: MIT */

/*
 * Packets on their way into a result: filtered by -bsf, kept until the header can be written, and
 * with times that the muxer takes.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>

#include "media/output.h"

/*
 * Takes the packet's bytes and leaves it empty; times are in stream->base. NULL: no more packets
 * follow.
 */
bool output_write(struct output *output, struct output_stream *stream, AVPacket *packet,
                  struct error *err);

/* The header is there: writes what waited for it. */
bool output_write_waiting(struct output *output, struct output_stream *stream, struct error *err);
