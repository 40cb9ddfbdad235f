/* SPDX-License-Identifier: MIT */

/*
 * Part uploads that somebody left.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "s3/s3_client.h"
#include "s3/s3_xml.h"

/* Those of exactly this key, as far as one page tells; release them. */
bool s3_unfinished_find(struct s3_client *client, const char *bucket, const char *key,
                        struct s3_xml_uploads *uploads, struct error *err);

/* Ends one; that it is there no more is no failure. */
bool s3_unfinished_end(struct s3_client *client, const char *bucket, const char *key,
                       const char *upload_id, struct error *err);

/*
 * When the response to the beginning of an upload was lost, there may be one that nobody knows. It
 * is ended when it can be no other's: the only one of this key that is at most age_ms old, but for
 * own_id (NULL: none). Like the end of one this is done also when the run was abandoned.
 */
bool s3_unfinished_end_twin(struct s3_client *client, const char *bucket, const char *key,
                            const char *own_id, int64_t age_ms, struct error *err);
