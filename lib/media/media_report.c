/* SPDX-License-Identifier: MIT */

/* What was found in an input and made of it. */

#include "media/media_report.h"

#include <stdlib.h>

void media_report_release(struct media_report *report)
{
    free(report->input.streams);
    free(report->output.streams);
    *report = (struct media_report){ 0 };
}
