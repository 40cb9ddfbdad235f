/* SPDX-License-Identifier: MIT */

/*
 * Objects that an item names, such as the segments of a playlist, for demuxers that the operator
 * has allowed to open them. They come from the item's own bucket or folder and lie below SOURCE.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/object.h"
#include "base/spool.h"
#include "store/store.h"

/* All borrowed. */
struct job_others {
    const struct location *source;
    struct store *store;
    const struct object *item;
};

/* For struct input_fetcher; opaque is a struct job_others. */
bool job_others_fetch(void *opaque, const char *key, struct spool *to, struct error *err);
