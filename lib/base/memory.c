/* SPDX-License-Identifier: MIT */

/* Small allocations that cannot fail. */

#include "base/memory.h"

#include <malloc.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
    MAPPED_SIZE = 16 * 1024 * 1024,
    LARGE_PAGE = 2 * 1024 * 1024, /* of x86-64, and of arm64 with the usual small ones */
};

NORETURN static void out_of_memory(void)
{
    static const char message[] = "avmap: error: out of memory; lower --jobs or --memory\n";

    fputs(message, stderr);
    signal(SIGABRT, SIG_DFL); /* no library has crashed */
    abort();
}

void *memory_new(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size ? size : 1);

    if (!memory)
        out_of_memory();
    return memory;
}

void *memory_grow(void *memory, size_t count, size_t size)
{
    void *grown = reallocarray(memory, count ? count : 1, size ? size : 1);

    if (!grown)
        out_of_memory();
    return grown;
}

char *memory_copy_text(const char *text)
{
    return text ? memory_copy_bytes(text, strlen(text)) : NULL;
}

char *memory_copy_bytes(const void *bytes, size_t length)
{
    char *copy;

    if (length == SIZE_MAX)
        out_of_memory();
    copy = memory_new(length + 1, 1);
    if (length)
        memcpy(copy, bytes, length);
    return copy;
}

char *memory_format(const char *format, ...)
{
    char *text = NULL;
    va_list args;
    int length;

    va_start(args, format);
    length = vasprintf(&text, format, args);
    va_end(args);
    if (length < 0)
        out_of_memory();
    return text;
}

void memory_free_secret(char *text)
{
    if (text)
        explicit_bzero(text, strlen(text));
    free(text);
}

void memory_share(unsigned busy_threads)
{
#ifdef M_ARENA_MAX
    /* All for glibc's malloc; tcmalloc shares by itself. Two arenas each, for what the others
     * allocate: glibc's own limit is 8 for each CPU, which is 100 MiB more when 64 workers take
     * turns with FLAC's encoder. */
    mallopt(M_ARENA_MAX, (int)busy_threads * 2);
    /* Each object takes a megabyte or two and frees it: what the kernel gets back it would have to
     * clear and map again, page by page, for the next. */
    mallopt(M_MMAP_THRESHOLD, MAPPED_SIZE);
    mallopt(M_TRIM_THRESHOLD, 2 * MAPPED_SIZE);
#else
    (void)busy_threads;
#endif
}

void memory_prefer_large_pages(void *memory, size_t size)
{
#ifdef MADV_HUGEPAGE
    uintptr_t begin = ((uintptr_t)memory + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE;
    uintptr_t end = ((uintptr_t)memory + size) / LARGE_PAGE * LARGE_PAGE;

    if (size / 2 >= LARGE_PAGE && begin < end) /* else there may be none in it */
        (void)madvise((char *)memory + (begin - (uintptr_t)memory), end - begin, MADV_HUGEPAGE);
#else
    (void)memory;
    (void)size;
#endif
}
