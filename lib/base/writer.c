/* SPDX-License-Identifier: MIT */

/* Passes writes on, and keeps count of them. */

#include "base/writer.h"

static bool write_to_spool(struct writer *writer, uint64_t offset, const void *bytes, size_t size,
                           struct error *err)
{
    return spool_write(writer->spool, offset, bytes, size, err);
}

struct writer writer_of_spool(struct spool *spool)
{
    return (struct writer){ .write = write_to_spool, .spool = spool };
}

bool writer_write(struct writer *writer, uint64_t offset, const void *bytes, size_t size,
                  struct error *err)
{
    if (!writer->write(writer, offset, bytes, size, err))
        return false;
    if (size > 0 && offset + size > writer->size)
        writer->size = offset + size;
    return true;
}
