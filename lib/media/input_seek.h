/* SPDX-License-Identifier: MIT */

/*
 * Where an input begins: -ss, -sseof and -seek_timestamp, and what is added to its times.
 * Threads: confined.
 */

#pragma once

#include <stdint.h>

#include "media/input.h"

/* Once the container is open. Where it cannot seek, that is a warning of libav's. */
void input_seek(struct input *input);

/* Where -ss and -t of the input begin to count in the corrected times. */
int64_t input_seek_trim_start(const struct input *input);
