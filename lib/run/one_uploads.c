/* SPDX-License-Identifier: MIT */

/* Watches the part uploads of one transcode. */

#include "run/one_uploads.h"

#include <string.h>

#include "base/memory.h"
#include "run/run_order.h"
#include "run/upload_sweep.h"

void one_uploads_watch(struct one_uploads *uploads, const struct one_place *output,
                       struct s3_service *service, const struct cancel *cancel)
{
    const char *slash = strrchr(output->key, '/');
    const struct upload_sweep sweep = { &uploads->notes_place, &uploads->folder, service, cancel };
    struct s3_upload_notes notes;

    uploads->folder = (struct location){
        .kind = LOCATION_S3,
        .container = memory_copy_text(output->location.container),
        .prefix = memory_copy_bytes(output->key, slash ? (size_t)(slash + 1 - output->key) : 0),
    };
    location_below(&uploads->folder, RUN_ORDER_RESULTS_NAME, &uploads->notes_place);
    uploads->notes = upload_notes_new(&uploads->notes_place, service, cancel);
    upload_notes_sweep_first(uploads->notes, &sweep);
    notes = upload_notes_for_s3(uploads->notes);
    s3_service_set_notes(service, &notes);
}

void one_uploads_end(struct one_uploads *uploads)
{
    upload_notes_free(uploads->notes);
    location_release(&uploads->notes_place);
    location_release(&uploads->folder);
}
