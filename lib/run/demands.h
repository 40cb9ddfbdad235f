/* SPDX-License-Identifier: MIT */

/*
 * What the settings ask of each item beyond what ffmpeg gives.
 * Threads: safe.
 */

#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "media/transcode.h"
#include "run/run_settings.h"

/* ERROR_USAGE for what cannot be meant, or cannot be had from the libraries in use. */
bool demands_read(struct transcode_demands *demands, const struct run_settings *settings,
                  struct error *err);
