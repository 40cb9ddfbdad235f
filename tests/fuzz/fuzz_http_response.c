/* SPDX-License-Identifier: MIT */

/* Any lines as the headers of a response, and what is read out of them. */

#include <stdint.h>
#include <string.h>

#include "base/error.h"
#include "s3/http_response.h"
#include "s3/s3_error.h"
#include "s3/s3_sum.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const struct s3_request request = { .operation = "GetObject", .key = "k" };
    const char *text = (const char *)bytes;
    char region[S3_ERROR_REGION_SIZE];
    struct http_response response;
    uint64_t sizes[S3_SUM_SIZES_MAX];
    struct s3_etag etag;
    struct error err;

    http_response_init(&response, 4096);
    http_response_clear(&response);
    while (size > 0) {
        const char *end = memchr(text, '\n', size);
        size_t length = end ? (size_t)(end - text) + 1 : size;

        http_response_keep(&response, text, length);
        text += length;
        size -= length;
    }
    if (s3_etag_read(response.etag, &etag))
        (void)s3_sum_part_sizes(&etag, (uint64_t)response.content_length, sizes);
    response.status = 503;
    (void)s3_error_judge(&request, &response, region, &err);
    http_response_release(&response);
    return 0;
}
