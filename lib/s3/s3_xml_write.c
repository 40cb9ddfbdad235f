/* SPDX-License-Identifier: MIT */

/* Writes what S3 wants as XML. */

#include "s3/s3_xml_write.h"

static void append_escaped(struct buffer *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '&')
            buffer_append_text(out, "&amp;");
        else if (*text == '<')
            buffer_append_text(out, "&lt;");
        else if (*text == '>')
            buffer_append_text(out, "&gt;");
        else
            buffer_append(out, text, 1);
    }
}

static void append_element(struct buffer *out, const char *name, const char *text)
{
    buffer_append_format(out, "<%s>", name);
    append_escaped(out, text);
    buffer_append_format(out, "</%s>", name);
}

void s3_xml_write_completion(struct buffer *out, const struct s3_xml_part *parts, size_t count)
{
    buffer_append_text(out, "<CompleteMultipartUpload "
                            "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
    for (size_t i = 0; i < count; i++) {
        buffer_append_format(out, "<Part><PartNumber>%zu</PartNumber>", i + 1);
        append_element(out, "ETag", parts[i].etag);
        if (parts[i].crc32[0])
            append_element(out, "ChecksumCRC32", parts[i].crc32);
        buffer_append_text(out, "</Part>");
    }
    buffer_append_text(out, "</CompleteMultipartUpload>");
}
