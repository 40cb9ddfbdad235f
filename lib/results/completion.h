/* SPDX-License-Identifier: MIT */

/*
 * What came of a run in the formats of S3 Batch Operations: a completion report, a row for each
 * item, and a manifest of the results that were made, for the next step.
 * Source: "Examples: S3 Batch Operations completion reports" and "Specifying a manifest" in the S3
 * user guide (Report_CSV_20180820, S3BatchOperations_CSV_20180820).
 * Threads: confined; results (which is safe) adds to it under its own lock.
 */

#pragma once

#include <stdbool.h>

#include "base/attributes.h"
#include "base/error.h"
#include "base/spool.h"

struct completion;

MUST_USE struct completion *completion_new(void);
void completion_free(struct completion *completion);

/*
 * record is the JSON of a record as result files have it; http_status what refused a failed item,
 * 0 when no server did. Fails with ERROR_LOCAL.
 */
bool completion_add(struct completion *completion, const char *record, int http_status,
                    struct error *err);

/* Rows Bucket,Key,VersionId,TaskStatus,ErrorCode,HTTPStatusCode,ResultMessage; borrowed. */
const struct spool *completion_report(const struct completion *completion);

/* Rows Bucket,Key of what was made in S3; borrowed. */
const struct spool *completion_made(const struct completion *completion);
