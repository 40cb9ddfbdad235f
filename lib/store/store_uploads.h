/* SPDX-License-Identifier: MIT */

/*
 * Part uploads to a place in S3 that somebody left; and, in struct s3_upload_notes, how to be told
 * of those under way. Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "s3/s3_upload_notes.h"
#include "store/store.h"

struct store_uploads;

/*
 * Those of exactly this key that were begun in a span of time, by the server's clock. store is
 * borrowed until they are freed. NULL: it cannot be found out.
 */
MUST_USE struct store_uploads *store_uploads_find(struct store *store, const char *key,
                                                  int64_t earliest_ms, int64_t latest_ms,
                                                  struct error *err);
size_t store_uploads_count(const struct store_uploads *uploads);

/* Ends them all. */
bool store_uploads_end(const struct store_uploads *uploads, struct error *err);
void store_uploads_free(struct store_uploads *uploads);

/* Ends one; that it is over already is no failure. */
bool store_upload_end(struct store *store, const char *key, const char *upload_id,
                      struct error *err);
