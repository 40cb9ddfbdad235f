/* SPDX-License-Identifier: MIT */

/*
 * What the settings ask of each item beyond what ffmpeg gives.
 * Threads: immutable after demands_read.
 */

#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "media/quality.h"
#include "media/transcode.h"
#include "run/run_settings.h"

struct demands {
    struct transcode_demands transcode;
    struct transcode_limits limits;
    struct quality *quality; /* owned; NULL: results are not compared with their sources */
};

/* ERROR_USAGE for what cannot be meant, or cannot be had from the libraries in use. */
bool demands_read(struct demands *demands, const struct run_settings *settings, struct error *err);
void demands_release(struct demands *demands);
