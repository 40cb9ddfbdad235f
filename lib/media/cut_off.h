/* SPDX-License-Identifier: MIT */

/*
 * Whether an input lacks its end, for containers of which libav passes over that without a word:
 * AVI, whose length it then corrects, and Ogg, whose length is that of its last whole page.
 * Sources: the RIFF header as in "AVI RIFF File Reference" of Microsoft; RFC 3533, section 6.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "media/input.h"

/*
 * Reads a few bytes at either end. Fails with Media.DecodeError when more than tolerance_s may be
 * missing, or as the reader does.
 */
bool cut_off_check(const struct input *input, double tolerance_s, struct error *err);
