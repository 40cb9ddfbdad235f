/* SPDX-License-Identifier: MIT */

/*
 * One object into a spool, pinned to the listed ETag and going on at the last byte received when
 * the connection breaks.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>

#include "base/object.h"
#include "base/spool.h"
#include "s3/s3_client.h"

/* to is empty before; after a failure its contents are undefined. */
bool s3_download(struct s3_client *client, const char *bucket, const struct object *object,
                 struct spool *to, struct error *err);
