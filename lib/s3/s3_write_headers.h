/* SPDX-License-Identifier: MIT */

/*
 * What objects get besides their bytes: what the user asked for and what avmap notes.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "s3/http.h"
#include "s3/s3_settings.h"
#include "s3/s3_upload.h"

enum { S3_WRITE_HEADERS_MAX = 24 };

struct s3_write_headers {
    struct http_header list[S3_WRITE_HEADERS_MAX]; /* values borrowed from settings and request */
    size_t count;
    char *metadata; /* owned; split into what the list points to */
};

/* Whether the settings can be turned into headers. Fails with ERROR_USAGE. */
bool s3_write_headers_check(const struct s3_settings *settings, struct error *err);

/* settings must have passed the check. */
void s3_write_headers_init(struct s3_write_headers *headers, const struct s3_settings *settings,
                           const struct s3_upload_request *request);
void s3_write_headers_release(struct s3_write_headers *headers);
