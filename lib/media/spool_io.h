/* SPDX-License-Identifier: MIT */

/*
 * An AVIOContext that reads from a reader, or writes to a writer.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <libavformat/avio.h>

#include "base/attributes.h"
#include "base/error.h"
#include "base/reader.h"
#include "base/writer.h"

struct spool_io {
    AVIOContext *context; /* owned */
    struct reader source; /* for reading */
    struct writer *sink;  /* for writing; else NULL */
    int64_t position;
    uint64_t size_limit;       /* of what is written; 0: none */
    uint64_t size_elsewhere;   /* of what counts for the limit besides */
    AVIOInterruptCB interrupt; /* asked before each read; zeroed: nobody is */
    struct error failure; /* why reading or writing failed; libav itself only carries a number */
};

/* Gives what reads from source, or NULL without memory. Its address is libav's: no copies. */
MUST_USE struct spool_io *spool_io_read(struct reader source);

/* Gives a writer that starts at the spool's beginning. */
MUST_USE struct spool_io *spool_io_write(struct writer *writer);

/* Does not flush. NULL is fine. */
void spool_io_close(struct spool_io *io);

/* Whether reading or writing itself has failed; then *err says why. */
bool spool_io_failed(const struct spool_io *io, struct error *err);
