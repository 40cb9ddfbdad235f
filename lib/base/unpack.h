/* SPDX-License-Identifier: MIT */

/*
 * The bytes of a spool from its start, unpacked where they are gzip (RFC 1952) or Zstandard (RFC
 * 8878), which their first bytes tell; anything else is read as it is. Several packed streams one
 * after another count as one, as gzip and zstd have it.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/error.h"
#include "base/spool.h"

struct unpack;

/* from is borrowed and must not be written any more. */
MUST_USE struct unpack *unpack_new(const struct spool *from);
void unpack_free(struct unpack *unpack);

/*
 * Reads up to size bytes; *got is 0 only at the end. Fails with ERROR_OBJECT, Avmap.BadArchive,
 * when the packed bytes are damaged or cut off, and with ERROR_LOCAL.
 */
bool unpack_read(struct unpack *unpack, void *bytes, size_t size, size_t *got, struct error *err);
