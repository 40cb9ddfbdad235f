/* SPDX-License-Identifier: MIT */

/*
 * How much a result's pictures differ from its source's, as libavfilter's own filters find it.
 * Threads: struct quality is immutable and may be used by many; the rest is confined.
 */

#pragma once

#include <stdbool.h>

#include "base/attributes.h"
#include "base/error.h"
#include "media/media_report.h"
#include "media/transcode.h"

struct quality;

/*
 * metrics: "ssim,psnr,vmaf" or some of them. ERROR_USAGE names what is not known, or not in this
 * build of FFmpeg.
 */
MUST_USE struct quality *quality_new(const char *metrics, struct error *err);
void quality_free(struct quality *quality);

/*
 * Decodes what request has made, all of which is in its writer's spool, and its input once more,
 * and fills report->quality; quality NULL: nothing is asked for. What cannot be compared is no
 * failure: the report then says why. Fails as transcode does when it was interrupted or has no
 * room.
 */
bool quality_compare(const struct quality *quality, const struct transcode_request *request,
                     struct media_report *report, struct error *err);
