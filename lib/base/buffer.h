/* SPDX-License-Identifier: MIT */

/*
 * A growing byte string with a hard limit chosen at init, for data from the network and for
 * building text. Its bytes always end in a NUL that size does not count.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"

struct buffer {
    char *bytes; /* owned; "" until something is appended */
    size_t size;
    size_t limit;
    size_t capacity;
    bool overflowed; /* an append did not fit; nothing is appended any more */
};

void buffer_init(struct buffer *buffer, size_t limit);
void buffer_release(struct buffer *buffer);

/* Empties it and keeps its memory. */
void buffer_clear(struct buffer *buffer);

/* False when the limit would be passed; buffer is then unchanged but for overflowed. */
bool buffer_append(struct buffer *buffer, const void *bytes, size_t size);
bool buffer_append_text(struct buffer *buffer, const char *text);
bool buffer_append_format(struct buffer *buffer, const char *format, ...) PRINTF_LIKE(2, 3);

/* Gives the bytes to the caller, who frees them, and leaves the buffer empty. */
MUST_USE char *buffer_take(struct buffer *buffer);
