/* SPDX-License-Identifier: MIT */

/* UUIDs, version 3 and 4. */

#include "base/uuid.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/digest.h"
#include "base/memory.h"

static const char *format(uint8_t bytes[16], unsigned version, char out[UUID_SIZE])
{
    char hex[33];

    bytes[6] = (uint8_t)((bytes[6] & 0x0f) | version << 4);
    bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80);
    digest_hex(bytes, 16, hex);
    snprintf(out, UUID_SIZE, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
             hex + 20);
    return out;
}

const char *uuid_random(char out[UUID_SIZE])
{
    uint8_t bytes[16];

    if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
        abort(); /* cannot happen for so few bytes once the system is up */
    return format(bytes, 4, out);
}

const char *uuid_named(const char *space, const char *name, char out[UUID_SIZE])
{
    char *text = memory_format("%s\n%s", space, name);
    uint8_t bytes[MD5_SIZE];

    digest_md5(text, strlen(text), bytes);
    free(text);
    return format(bytes, 3, out);
}

bool uuid_is_valid(const char *text)
{
    static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

    for (size_t i = 0; i < sizeof(shape) - 1; i++) {
        if (shape[i] == '-' ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
            return false;
    }
    return text[sizeof(shape) - 1] == '\0';
}
