/* SPDX-License-Identifier: MIT */

/*
 * What ffmpeg's options say of quantizers beyond the encoders' own options: matrices of
 * coefficients, and ranges of frames that have a quality of their own.
 * Threads: safe.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <libavcodec/avcodec.h>

enum { QUANTIZER_COEFFICIENTS = 64 };

/* The value of -intra_matrix and its kin: numbers with commas between. */
bool quantizer_read_matrix(const char *text, uint16_t matrix[QUANTIZER_COEFFICIENTS]);

/*
 * The value of -rc_override: BEGIN,END,QUALITY with "/" between; a quality above 0 is a quantizer,
 * one below a percentage. *ranges is for av_free, after a failure, too.
 */
bool quantizer_read_ranges(const char *text, RcOverride **ranges, int *count);
