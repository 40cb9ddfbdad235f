/* SPDX-License-Identifier: MIT */

/*
 * What came back from one HTTP exchange: the status, the headers that S3 clients need, and a body
 * of bounded size.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

/* Headers that are absent, or too long to be what they should be, are "". */
struct http_response {
    int status;             /* 0: none arrived */
    uint64_t received;      /* bytes of the body */
    bool resent;            /* the request went twice, as a kept connection broke under it */
    int64_t content_length; /* -1: not said */
    char etag[256];
    char date[64];
    char last_modified[64];
    char retry_after[64];
    char amz_retry_after[24]; /* x-amz-retry-after: milliseconds */
    char content_range[96];
    char request_id[128];
    char bucket_region[64];
    char crc32[16]; /* x-amz-checksum-..., like the next four */
    char crc32c[16];
    char crc64nvme[24];
    char sha1[32];
    char sha256[48];
    char checksum_type[24];
    char encryption[32];   /* x-amz-server-side-encryption */
    char source_etag[512]; /* x-amz-meta-avmap-source-etag */
    char recipe[2048];     /* x-amz-meta-avmap-recipe; S3 takes 2 KiB of metadata */
    char files[512];       /* x-amz-meta-avmap-files */
    struct buffer body;    /* of errors, and of all responses without a sink */
};

/* limit bounds the body; an error's body is cut there, any other is an error itself. */
void http_response_init(struct http_response *response, size_t limit);
void http_response_release(struct http_response *response);

/* Forgets the response before; the limit and the body's memory stay. */
void http_response_clear(struct http_response *response);

/* Keeps the value when line, "Name: value" with any white space around it, is of use to us. */
void http_response_keep(struct http_response *response, const char *line, size_t length);
