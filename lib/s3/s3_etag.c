/* SPDX-License-Identifier: MIT */

/* Takes ETags apart. */

#include "s3/s3_etag.h"

#include <string.h>

enum { DIGITS = 2 * MD5_SIZE, PARTS_MAX = 10000 };

/* What is between the quotes; *length is its own. */
static const char *inside(const char *etag, size_t *length)
{
    etag += strncmp(etag, "W/", 2) == 0 ? 2 : 0;
    etag += *etag == '"';
    *length = strcspn(etag, "\"");
    return etag;
}

/* The value of a hexadecimal digit, or -1. */
static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* "-3", as it follows the MD5 of an object that was uploaded in three parts. */
static bool read_parts(const char *text, size_t length, unsigned *parts)
{
    *parts = 0;
    if (length == 0)
        return true;
    if (*text != '-')
        return false;
    for (size_t i = 1; i < length; i++) {
        if (text[i] < '0' || text[i] > '9' || *parts > PARTS_MAX)
            return false;
        *parts = 10 * *parts + (unsigned)(text[i] - '0');
    }
    return *parts > 0 && *parts <= PARTS_MAX;
}

bool s3_etag_read(const char *etag, struct s3_etag *read)
{
    size_t length;
    const char *text = inside(etag ? etag : "", &length);

    if (length < DIGITS)
        return false;
    for (size_t i = 0; i < MD5_SIZE; i++) {
        int high = digit(text[2 * i]);
        int low = digit(text[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        read->md5[i] = (uint8_t)(16 * high + low);
    }
    return read_parts(text + DIGITS, length - DIGITS, &read->parts);
}

bool s3_etag_is_same(const char *one, const char *other)
{
    size_t length;
    size_t other_length;

    one = inside(one, &length);
    other = inside(other, &other_length);
    return length == other_length && strncmp(one, other, length) == 0;
}
