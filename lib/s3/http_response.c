/* SPDX-License-Identifier: MIT */

/* Picks out of a response what we need, with bounds on all of it. */

#include "s3/http_response.h"

#include <string.h>
#include <strings.h>

#include "base/number.h"

void http_response_init(struct http_response *response, size_t limit)
{
    *response = (struct http_response){ .content_length = -1 };
    buffer_init(&response->body, limit);
}

void http_response_release(struct http_response *response)
{
    buffer_release(&response->body);
}

void http_response_clear(struct http_response *response)
{
    struct buffer body = response->body;

    buffer_clear(&body);
    *response = (struct http_response){ .content_length = -1, .body = body };
}

/* Keeps value without the white space around it; one that does not fit is as good as none. */
static void keep(char *field, size_t size, const char *value, size_t length)
{
    while (length > 0 && strchr(" \t", *value)) {
        value++;
        length--;
    }
    while (length > 0 && strchr(" \t\r\n", value[length - 1]))
        length--;
    if (length >= size || memchr(value, '\0', length))
        return;
    memcpy(field, value, length);
    field[length] = '\0';
}

void http_response_keep(struct http_response *response, const char *line, size_t length)
{
    char content_length[32] = "";
    uint64_t count;

    const struct {
        const char *name;
        char *field;
        size_t size;
    } wanted[] = {
        { "content-length:", content_length, sizeof(content_length) },
        { "etag:", response->etag, sizeof(response->etag) },
        { "date:", response->date, sizeof(response->date) },
        { "last-modified:", response->last_modified, sizeof(response->last_modified) },
        { "retry-after:", response->retry_after, sizeof(response->retry_after) },
        { "x-amz-retry-after:", response->amz_retry_after, sizeof(response->amz_retry_after) },
        { "content-range:", response->content_range, sizeof(response->content_range) },
        { "x-amz-request-id:", response->request_id, sizeof(response->request_id) },
        { "x-amz-bucket-region:", response->bucket_region, sizeof(response->bucket_region) },
        { "x-amz-checksum-crc32:", response->crc32, sizeof(response->crc32) },
        { "x-amz-checksum-crc32c:", response->crc32c, sizeof(response->crc32c) },
        { "x-amz-checksum-crc64nvme:", response->crc64nvme, sizeof(response->crc64nvme) },
        { "x-amz-checksum-sha1:", response->sha1, sizeof(response->sha1) },
        { "x-amz-checksum-sha256:", response->sha256, sizeof(response->sha256) },
        { "x-amz-checksum-type:", response->checksum_type, sizeof(response->checksum_type) },
        { "x-amz-server-side-encryption:", response->encryption, sizeof(response->encryption) },
        { "x-amz-meta-avmap-source-etag:", response->source_etag, sizeof(response->source_etag) },
        { "x-amz-meta-avmap-recipe:", response->recipe, sizeof(response->recipe) },
        { "x-amz-meta-avmap-files:", response->files, sizeof(response->files) },
    };

    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        size_t name_length = strlen(wanted[i].name);

        if (length > name_length && strncasecmp(line, wanted[i].name, name_length) == 0)
            keep(wanted[i].field, wanted[i].size, line + name_length, length - name_length);
    }
    if (number_parse_count(content_length, INT64_MAX, &count))
        response->content_length = (int64_t)count;
}
