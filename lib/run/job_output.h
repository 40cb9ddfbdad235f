/* SPDX-License-Identifier: MIT */

/*
 * A record's Output: what was made of an item, from what, and how long each stage took.
 * Threads: safe.
 */

#pragma once

#include <stdint.h>

#include "base/attributes.h"
#include "media/media_report.h"

struct job_output_file {
    const char *url;
    uint64_t bytes;
    const char *etag; /* NULL: the store has none */
};

struct job_output {
    const char *url; /* of the result */
    uint64_t bytes;
    const struct job_output_file *files; /* all of them; NULL: the result is the only one */
    unsigned file_count;
    const char *etag; /* NULL: the store has none */
    const char *source_url;
    uint64_t source_bytes;
    const char *source_etag; /* NULL: the store has none */
    const struct media_report *media;
    unsigned attempts;
    int64_t waiting_ms; /* for a CPU */
    int64_t downloading_ms;
    int64_t transcoding_ms;
    int64_t uploading_ms;
};

/*
 * The Output of an item whose result stays as it was, or that has none: url is NULL then. reason
 * says why. The caller frees it.
 */
MUST_USE char *job_output_kept_json(const char *url, const char *source_url, const char *reason);

/* Compact JSON as avmap-results(5) documents it; the caller frees it. */
MUST_USE char *job_output_json(const struct job_output *output);
