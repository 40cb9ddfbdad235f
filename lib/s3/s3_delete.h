/* SPDX-License-Identifier: MIT */

/*
 * Takes one object away (DeleteObject). In a bucket with versions it only gets a delete marker.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>

#include "s3/s3_client.h"

/* An object that is not there is no failure. Also sent when the run is abandoned, for a short time.
 */
bool s3_delete(struct s3_client *client, const char *bucket, const char *key, struct error *err);
