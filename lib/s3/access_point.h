/* SPDX-License-Identifier: MIT */

/*
 * Access points, which stand for a bucket by their ARN: arn:aws:s3:REGION:ACCOUNT:accesspoint/NAME.
 * Source: the rules for S3's endpoints in botocore (endpoint-rule-set-1.json).
 * Threads: safe.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct access_point {
    char partition[32];
    char region[64];
    char account[32];
    char name[64];
};

/* Whether text begins as an ARN does. */
bool access_point_is_arn(const char *text);

/* How much of text, an ARN with or without "/key" behind it, is the ARN. */
size_t access_point_arn_length(const char *text);

/* Fails with ERROR_USAGE, and says why, for ARNs of anything else. */
bool access_point_parse(const char *arn, struct access_point *point, struct error *err);
