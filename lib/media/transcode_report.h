/* SPDX-License-Identifier: MIT */

/*
 * Fills a report from what a transcode has got to, and says in its warning whatever makes a
 * success doubtful.
 * Threads: confined.
 */

#pragma once

#include "media/media_report.h"
#include "media/pipeline.h"

/* The pipeline may be empty or half open. */
void transcode_report_fill(struct media_report *report, const struct pipeline *pipeline);
