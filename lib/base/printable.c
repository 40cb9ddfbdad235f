/* SPDX-License-Identifier: MIT */

/* Escapes control characters and what is not UTF-8. */

#include "base/printable.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"

/* Whether the character of length bytes is none of C0, DEL, C1 (U+0080 to U+009F) or malformed. */
static bool is_harmless(const char *text, size_t length)
{
    const unsigned char *byte = (const unsigned char *)text;

    if (length == 1)
        return byte[0] >= 0x20 && byte[0] != 0x7f;
    return length > 2 || (length == 2 && !(byte[0] == 0xc2 && byte[1] < 0xa0));
}

size_t printable_copy(const char *text, char *out, size_t size)
{
    size_t used = 0;

    while (*text && used + sizeof("\\x00\\x00") <= size) {
        size_t length = utf8_length(text);
        bool harmless = is_harmless(text, length);

        for (size_t left = length ? length : 1; left > 0; left--, text++) {
            if (harmless)
                out[used++] = *text;
            else
                used += (size_t)snprintf(out + used, size - used, "\\x%02x", (unsigned char)*text);
        }
    }
    out[used] = '\0';
    return used;
}

char *printable_text(const char *text)
{
    size_t size = strlen(text) * strlen("\\x00") + sizeof("\\x00\\x00");
    char *out = memory_new(size, 1);

    printable_copy(text, out, size);
    return out;
}
