/* SPDX-License-Identifier: MIT */

/* Any bytes as each of the documents that S3 sends. */

#include <stdint.h>
#include <stdlib.h>

#include "s3/s3_xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const char *text = (const char *)bytes;
    struct s3_xml_error error;
    struct s3_xml_page page;
    struct error err;
    char *found = NULL;

    s3_xml_read_error(text, size, &error);
    if (s3_xml_read_page(text, size, &page, &err))
        s3_xml_page_release(&page);
    if (s3_xml_read_upload_id(text, size, &found, &err))
        free(found);
    if (s3_xml_read_completed(text, size, &found, &err))
        free(found);
    return 0;
}
