/* SPDX-License-Identifier: MIT */

/*
 * One transcode with named inputs and a named output, as the container wrapper of
 * aws-batch-with-ffmpeg makes it: no listing, no results files.
 * Threads: once per process, from the main thread.
 */

#pragma once

#include <stdbool.h>

#include "base/cancel.h"
#include "base/error.h"
#include "run/one_order.h"
#include "run/run_settings.h"

/*
 * Of settings those count that are about attempts, memory, existing results and S3. Logs what it
 * has made; the name stays before later messages. Errors are as those of an item; ERROR_USAGE:
 * nothing was started. cancel may be stopped by a signal handler.
 */
bool one(const struct one_settings *wanted, const struct run_settings *settings,
         struct cancel *cancel, struct error *err);
