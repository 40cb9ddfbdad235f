/* SPDX-License-Identifier: MIT */

/*
 * Where a result goes while it is made: bytes written at any offset. Who implements it decides what
 * is kept and what goes on at once; it embeds the struct as its first member.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/spool.h"

struct writer {
    bool (*write)(struct writer *writer, uint64_t offset, const void *bytes, size_t size,
                  struct error *err);
    struct spool *spool; /* borrowed; holds all that was written; NULL: some of it has gone on */
    uint64_t size;       /* one past the last byte written */
    /*
     * Both set by whoever writes. Before the first write: nothing is read again, and of what lies
     * more than some MiB back only bytes near the beginning change. Else anything may, and nothing
     * goes on.
     */
    bool only_start_changes;
    bool ending; /* from here on all that is new may change until the end, however long it is */
};

/* Keeps all in spool, which is empty. */
struct writer writer_of_spool(struct spool *spool);

/* Writes all of it; a gap between the old end and offset reads as zeros. */
bool writer_write(struct writer *writer, uint64_t offset, const void *bytes, size_t size,
                  struct error *err);
