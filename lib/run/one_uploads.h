/* SPDX-License-Identifier: MIT */

/*
 * The part uploads of a transcode without a run around it: noted below "_avmap/" in the folder of
 * its result, where the next one to that folder, or a run into it, finds what a killed one left.
 * Threads: confined.
 */

#pragma once

#include "base/cancel.h"
#include "run/one_order.h"
#include "run/upload_notes.h"

struct one_uploads {
    struct location folder;
    struct location notes_place;
    struct upload_notes *notes;
};

/*
 * From now on service notes its uploads, and before the first one ends what others left. A result
 * that goes up in one request costs nothing. Only for an output in S3; all else is borrowed.
 */
void one_uploads_watch(struct one_uploads *uploads, const struct one_place *output,
                       struct s3_service *service, const struct cancel *cancel);

/* After all uploads; all zero is fine. */
void one_uploads_end(struct one_uploads *uploads);
