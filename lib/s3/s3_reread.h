/* SPDX-License-Identifier: MIT */

/*
 * Reads an object once more where its ETag cannot tell whether the first reading was right: what
 * arrives twice alike is what the server has.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/object.h"
#include "s3/s3_client.h"
#include "s3/s3_sum.h"

/*
 * Turns S3_UNSURE into one of the others; nothing of the object is kept. It has its size, and an
 * ETag or a version. Fails as a download does.
 */
bool s3_reread(struct s3_client *client, const char *bucket, const struct object *object,
               struct s3_finding *finding, struct error *err);
