/* SPDX-License-Identifier: MIT */

/*
 * Small allocations and string copies that end the program when memory is gone.
 * Object bytes never live here; they live in spools, which can fail.
 * Threads: safe.
 */

#pragma once

#include <stddef.h>

#include "base/attributes.h"

/* Zeroed memory for count elements of size bytes; the caller frees it with free(). */
MUST_USE void *memory_new(size_t count, size_t size);

/* As realloc for count elements, with the product checked; memory past the old size is not zeroed.
 */
MUST_USE void *memory_grow(void *memory, size_t count, size_t size);

/* A copy of text; NULL stays NULL. */
MUST_USE char *memory_copy_text(const char *text);

/* A copy of length bytes with a NUL added. */
MUST_USE char *memory_copy_bytes(const void *bytes, size_t length);

/* As printf into new memory. */
MUST_USE char *memory_format(const char *format, ...) PRINTF_LIKE(1, 2);

/*
 * Lets many threads share what others have freed, when so many at a time allocate much: else each
 * keeps some for itself, or gives it back to the kernel. To be called before they start.
 */
void memory_share(unsigned busy_threads);

/*
 * Asks for pages of 2 MiB for what was not used yet of size bytes from malloc, if they hold some:
 * each page costs a fault, and on a virtual machine two.
 */
void memory_prefer_large_pages(void *memory, size_t size);

/* Frees memory that held a secret, after overwriting it; NULL is fine. */
void memory_free_secret(char *text);
