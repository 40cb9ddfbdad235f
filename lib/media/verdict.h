/* SPDX-License-Identifier: MIT */

/*
 * Whether what was decoded and written counts as a result: ffmpeg's own judgement, and what it
 * cannot be asked for.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "media/pipeline.h"
#include "media/transcode.h"

/*
 * After pipeline_run. Fails with ERROR_MEDIA: Media.EmptyResult, Media.TooManyErrors,
 * Media.NothingDecoded, and under strict rules Media.DecodeError and Media.LengthMismatch; the text
 * names the stream, where in it, and what libav said.
 */
bool verdict(const struct pipeline *pipeline, const struct verdict_rules *rules, struct error *err);
