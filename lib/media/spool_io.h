/* SPDX-License-Identifier: MIT */

/*
 * An AVIOContext on top of a spool.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <libavformat/avio.h>

#include "base/attributes.h"
#include "base/error.h"
#include "base/spool.h"

struct spool_io {
    AVIOContext *context;       /* owned */
    const struct spool *source; /* set for reading */
    struct spool *sink;         /* set for writing */
    int64_t position;
    uint64_t size_limit;  /* of what is written; 0: none */
    struct error failure; /* why the spool failed; libav itself only carries a number */
};

/* Gives a reader of all of the spool, or NULL without memory. Its address is libav's: no copies. */
MUST_USE struct spool_io *spool_io_read(const struct spool *spool);

/* Gives a writer that starts at the spool's beginning. */
MUST_USE struct spool_io *spool_io_write(struct spool *spool);

/* Does not flush. NULL is fine. */
void spool_io_close(struct spool_io *io);

/* Whether the spool itself has failed; then *err says why. */
bool spool_io_failed(const struct spool_io *io, struct error *err);
