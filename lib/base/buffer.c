/* SPDX-License-Identifier: MIT */

/* A byte string that grows up to its limit. */

#include "base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* What an empty buffer shows; never written to. */
static char nothing[1];

void buffer_init(struct buffer *buffer, size_t limit)
{
    *buffer = (struct buffer){ .bytes = nothing, .limit = limit };
}

void buffer_release(struct buffer *buffer)
{
    if (buffer->bytes != nothing)
        free(buffer->bytes);
    buffer_init(buffer, buffer->limit);
}

void buffer_clear(struct buffer *buffer)
{
    buffer->size = 0;
    buffer->overflowed = false;
    if (buffer->capacity)
        buffer->bytes[0] = '\0';
}

bool buffer_append(struct buffer *buffer, const void *bytes, size_t size)
{
    if (buffer->overflowed || size > buffer->limit - buffer->size) {
        buffer->overflowed = true;
        return false;
    }
    if (buffer->size + size + 1 > buffer->capacity) {
        size_t capacity = buffer->capacity ? buffer->capacity : 64;

        while (capacity < buffer->size + size + 1)
            capacity *= 2;
        buffer->bytes = memory_grow(buffer->capacity ? buffer->bytes : NULL, capacity, 1);
        buffer->capacity = capacity;
    }
    if (size)
        memcpy(buffer->bytes + buffer->size, bytes, size);
    buffer->size += size;
    buffer->bytes[buffer->size] = '\0';
    return true;
}

bool buffer_append_text(struct buffer *buffer, const char *text)
{
    return buffer_append(buffer, text, strlen(text));
}

bool buffer_append_format(struct buffer *buffer, const char *format, ...)
{
    char *text = NULL;
    va_list args;
    int length;
    bool ok;

    va_start(args, format);
    length = vasprintf(&text, format, args);
    va_end(args);
    ok = length >= 0 && buffer_append(buffer, text, (size_t)length);
    if (length >= 0)
        free(text);
    return ok;
}

char *buffer_take(struct buffer *buffer)
{
    char *bytes = buffer->capacity ? buffer->bytes : memory_copy_text("");
    size_t limit = buffer->limit;

    buffer_init(buffer, limit);
    return bytes;
}
