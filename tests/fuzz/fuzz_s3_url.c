/* SPDX-License-Identifier: MIT */

/* Any text as an S3 URL and as percent-encoded text; encoding must be undone by decoding. */

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/percent.h"
#include "s3/s3_url.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void encode_and_decode(const char *text)
{
    struct buffer encoded;
    bool decoded;

    buffer_init(&encoded, 3 * strlen(text));
    percent_encode(&encoded, text, PERCENT_KEEP_NAME);
    assert(!encoded.overflowed);
    if (encoded.size > 0) {
        decoded = percent_decode(encoded.bytes, true);
        assert(decoded && strcmp(encoded.bytes, text) == 0);
    }
    buffer_release(&encoded);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *text = memory_copy_bytes(bytes, size);
    struct error err;
    char *bucket;
    char *key;

    encode_and_decode(text);
    if (s3_url_parse(text, &bucket, &key, &err)) {
        free(bucket);
        free(key);
    }
    percent_decode(text, size % 2 == 0);
    free(text);
    return 0;
}
