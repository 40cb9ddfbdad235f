/* SPDX-License-Identifier: MIT */

/* S3 URLs and percent-encoding. */

#include "s3/s3_url.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"

static const char scheme[] = "s3://";

bool s3_url_is(const char *text)
{
    return strncasecmp(text, scheme, strlen(scheme)) == 0;
}

static bool is_alphanumeric(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9');
}

/*
 * Buckets from before 2018 may have capitals, underscores and up to 255 characters, and other
 * servers have names that AWS would not give; what is right is for the server to say.
 */
static bool is_bucket_name(const char *name, size_t length)
{
    if (length < 2 || length > 255)
        return false;
    for (size_t i = 0; i < length; i++) {
        if (!is_alphanumeric(name[i]) && !strchr("._-", name[i]))
            return false;
    }
    return true;
}

bool s3_url_parse(const char *url, char **bucket, char **key, struct error *err)
{
    const char *name;
    size_t length;

    if (!s3_url_is(url))
        return error_set(err, ERROR_USAGE, "Avmap.Usage", "%s does not begin with s3://", url);
    name = url + strlen(scheme);
    length = strcspn(name, "/");
    if (!is_bucket_name(name, length))
        return error_set(err, ERROR_USAGE, "Avmap.Usage", "%s does not name a bucket", url);
    *bucket = memory_copy_bytes(name, length);
    *key = memory_copy_text(name[length] ? name + length + 1 : "");
    return true;
}

void s3_url_encode(struct buffer *out, const char *text, bool keep_slashes)
{
    static const char digits[] = "0123456789ABCDEF";

    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;

        if (is_alphanumeric(*text) || strchr("-._~", byte) || (byte == '/' && keep_slashes)) {
            buffer_append(out, text, 1);
        } else {
            char coded[3] = { '%', digits[byte >> 4], digits[byte & 15] };

            buffer_append(out, coded, sizeof(coded));
        }
    }
}

char *s3_url_version_query(const char *version_id)
{
    struct buffer query;

    if (!version_id)
        return NULL;
    buffer_init(&query, SIZE_MAX);
    buffer_append_text(&query, "versionId=");
    s3_url_encode(&query, version_id, false);
    return buffer_take(&query);
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

bool s3_url_decode(char *text, bool plus_is_space)
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
