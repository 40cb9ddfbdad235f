/* SPDX-License-Identifier: MIT */

/*
 * The bytes of one object between two stages: written and read at any offset, in memory as long
 * as the budget allows, then in an unlinked temporary file (in TMPDIR, else /tmp).
 * Threads: confined; reads of a spool nobody writes may run at the same time.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/budget.h"
#include "base/error.h"

struct spool {
    struct budget *budget; /* borrowed; shared by all spools of the run */
    char *memory;          /* owned; used while file is -1 */
    size_t capacity;       /* bytes of memory */
    uint64_t claimed;      /* bytes taken from the budget, capacity or more */
    int file;              /* owned; -1 while in memory */
    bool file_is_given;    /* by spool_use_file */
    uint64_t size;
    uint64_t last_size; /* when it was last cleared */
};

void spool_init(struct spool *spool, struct budget *budget);
void spool_release(struct spool *spool);

/* Empties it: the size is 0 again, file and memory are given back. */
void spool_clear(struct spool *spool);

/*
 * Makes room for size bytes in one step where the final size is known. A hint: when the budget
 * does not have them the spool moves to a file. Fails only with ERROR_LOCAL.
 */
bool spool_reserve(struct spool *spool, uint64_t size, struct error *err);

/*
 * Takes size bytes from the budget without memory, which a later reserve then has for sure unless
 * the machine has none. False: the budget does not have them, and nothing has changed.
 */
bool spool_claim(struct spool *spool, uint64_t size);

/* Writes all of it; a gap between the old end and offset reads as zeros. Fails with ERROR_LOCAL. */
bool spool_write(struct spool *spool, uint64_t offset, const void *bytes, size_t size,
                 struct error *err);

/* Writes all that another one holds behind its own end. Fails with ERROR_LOCAL. */
bool spool_append(struct spool *spool, const struct spool *from, struct error *err);

/*
 * Moves to file, an empty one open for reading and writing, of which the spool keeps a duplicate.
 * From now on what fails there fails as the owner's: with ERROR_OBJECT, but for a full disk.
 */
bool spool_use_file(struct spool *spool, int file, struct error *err);

/* The size is 0 again; file or memory are kept. Fails as a write does. */
bool spool_rewind(struct spool *spool, struct error *err);

/* Reads up to size bytes; *got is less only at the end. Fails with ERROR_LOCAL. */
bool spool_read(const struct spool *spool, uint64_t offset, void *bytes, size_t size, size_t *got,
                struct error *err);

/* The bytes as they lie in memory (size of them, borrowed until the next write), or NULL: a file.
 */
const char *spool_bytes(const struct spool *spool);
