/* SPDX-License-Identifier: MIT */

/*
 * Bytes that can be read at any offset, wherever they are: in a spool, in a file, or on their way.
 * A small value that is copied freely; what it reads from must outlive all copies.
 * Threads: confined, unless what it reads from says more.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/spool.h"

struct reader {
    /* Waits for the bytes where they are not there yet; *got is less than size only at the end. */
    bool (*read)(void *source, uint64_t offset, void *bytes, size_t size, size_t *got,
                 struct error *err);
    void *source;  /* borrowed */
    uint64_t size; /* of all there is */
};

/*
 * Told when a read waits for bytes that are on their way, and when it goes on, in the thread that
 * reads; so a CPU can be left to others meanwhile.
 */
struct reader_waits {
    void (*begin)(void *waiter);
    void (*end)(void *waiter);
    void *waiter; /* borrowed */
};

/* What is in the spool by now. */
struct reader reader_of_spool(const struct spool *spool);

/* Reads up to size bytes; *got is less only at the end. Fails as what it reads from does. */
bool reader_read(const struct reader *reader, uint64_t offset, void *bytes, size_t size,
                 size_t *got, struct error *err);
