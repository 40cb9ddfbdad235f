/* SPDX-License-Identifier: MIT */

/* Fetches what items name. */

#include "run/job_others.h"

#include <string.h>

bool job_others_fetch(void *opaque, const char *key, struct spool *to, struct error *err)
{
    const struct job_others *others = opaque;
    const char *prefix = others->source->prefix;
    const struct object object = {
        .key = (char *)key, /* only read */
        .bucket = others->item->bucket,
        .needs_look_up = true,
    };

    if (strncmp(key, prefix, strlen(prefix)) != 0)
        return error_set(err, ERROR_MEDIA, "Media.OpensOtherFiles", "it is not below the source");
    return store_fetch(others->store, &object, to, err);
}
