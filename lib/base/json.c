/* SPDX-License-Identifier: MIT */

/* JSON strings from bytes of any origin, and JSON text in the one form avmap writes. */

#include "base/json.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/utf8.h"

json_t *json_text(const char *text)
{
    json_t *value;
    struct buffer clean;

    if (!text)
        return json_null();
    value = json_string(text);
    if (value)
        return value;
    buffer_init(&clean, SIZE_MAX);
    for (const char *at = text; *at;) {
        size_t length = utf8_length(at);

        if (length)
            buffer_append(&clean, at, length);
        else
            buffer_append_text(&clean, "\xef\xbf\xbd");
        at += length ? length : 1;
    }
    value = json_string(clean.bytes);
    buffer_release(&clean);
    return value;
}

char *json_compact(const json_t *value)
{
    /* 15 digits are what any double holds; with more, 0.1 would read 0.10000000000000001. */
    char *text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY |
                                       JSON_REAL_PRECISION(15));

    /* jansson gives NULL only when memory is gone, as every string in value was checked. */
    return text ? text : memory_copy_text("null");
}

char *json_printable(const json_t *value)
{
    char *text = json_compact(value);
    struct buffer out;

    buffer_init(&out, SIZE_MAX);
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        if (*at == 0x7f)
            buffer_append_text(&out, "\\u007f");
        else if (at[0] == 0xc2 && at[1] < 0xa0) /* such a character has two bytes */
            buffer_append_format(&out, "\\u00%02x", *++at);
        else
            buffer_append(&out, at, 1);
    }
    free(text);
    return buffer_take(&out);
}
