/* SPDX-License-Identifier: MIT */

/* Any bytes as a CSV list. */

#include "list_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    list_file_read(bytes, size, ITEMS_CSV, NULL);
    return 0;
}
