/* SPDX-License-Identifier: MIT */

/* Any bytes as JSON Lines, as a JSON array and as one that a pointer names. */

#include "list_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    list_file_read(bytes, size, ITEMS_JSONL, NULL);
    list_file_read(bytes, size, ITEMS_JSON, NULL);
    list_file_read(bytes, size, ITEMS_JSON, "/a/0");
    return 0;
}
