/* SPDX-License-Identifier: MIT */

/* One way to read from different places. */

#include "base/reader.h"

static bool read_spool(void *source, uint64_t offset, void *bytes, size_t size, size_t *got,
                       struct error *err)
{
    return spool_read(source, offset, bytes, size, got, err);
}

struct reader reader_of_spool(const struct spool *spool)
{
    return (struct reader){ read_spool, (void *)spool, spool->size }; /* only read */
}

bool reader_read(const struct reader *reader, uint64_t offset, void *bytes, size_t size,
                 size_t *got, struct error *err)
{
    return reader->read(reader->source, offset, bytes, size, got, err);
}
