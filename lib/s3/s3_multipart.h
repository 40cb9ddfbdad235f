/* SPDX-License-Identifier: MIT */

/*
 * One spool to a key as a part upload, several parts at a time. What it cannot finish it aborts,
 * and begins anew when the upload was lost.
 * Threads: confined; it has threads of its own while it lasts.
 */

#pragma once

#include <stdbool.h>

#include "base/spool.h"
#include "s3/s3_client.h"
#include "s3/s3_parts.h"

/*
 * How many parts there will be is found here. etag is given to the caller, NULL when the server
 * sent none.
 */
bool s3_multipart_put(struct s3_client *client, const struct s3_parts_request *object,
                      const struct spool *from, char **etag, struct error *err);
