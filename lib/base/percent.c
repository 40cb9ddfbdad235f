/* SPDX-License-Identifier: MIT */

/* Bytes as %XX and back. */

#include "base/percent.h"

#include <string.h>

static bool is_alphanumeric(unsigned char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9');
}

static bool stays(unsigned char byte, enum percent_keep keep)
{
    if (keep == PERCENT_KEEP_PRINTABLE)
        return byte > ' ' && byte < 0x7f && byte != '%';
    return is_alphanumeric(byte) || strchr("-._~", byte) ||
           (byte == '/' && keep == PERCENT_KEEP_PATH);
}

void percent_encode(struct buffer *out, const char *text, enum percent_keep keep)
{
    static const char digits[] = "0123456789ABCDEF";

    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;
        char coded[3] = { '%', digits[byte >> 4], digits[byte & 15] };

        if (stays(byte, keep))
            buffer_append(out, text, 1);
        else
            buffer_append(out, coded, sizeof(coded));
    }
}

/* The value of a hexadecimal digit, or -1. */
static int digit_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}

bool percent_decode(char *text, bool plus_is_space)
{
    char *out = text;

    for (; *text; text++) {
        if (*text == '%') {
            int high = digit_value(text[1]);
            int low = high < 0 ? -1 : digit_value(text[2]);

            if (low < 0 || high + low == 0)
                return false;
            *out++ = (char)(high << 4 | low);
            text += 2;
        } else {
            *out++ = (char)(*text == '+' && plus_is_space ? ' ' : *text);
        }
    }
    *out = '\0';
    return true;
}
