/* SPDX-License-Identifier: MIT */

/*
 * The streams of an input while it is being opened: their decoders, their parameters and what the
 * options of the recipe say of them.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "media/input.h"

/* Before opening: tells the demuxer which decoders it is to use. */
void input_streams_force_codecs(struct input *input);

/* After opening: finds the parameters of all streams, decoding some packets where it must. */
bool input_streams_find(struct input *input, struct error *err);

/* Fills input->streams. */
bool input_streams_list(struct input *input, struct error *err);
