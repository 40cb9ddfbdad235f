/* SPDX-License-Identifier: MIT */

/* Reads one file into a spool. */

#include "directory/directory_read.h"

#include "directory/directory_file.h"

enum { PIECE_SIZE = 256 * 1024 };

static bool copy(const struct reader *from, struct spool *to, struct error *err)
{
    char piece[PIECE_SIZE];
    size_t got;

    for (uint64_t offset = 0; offset < from->size; offset += got) {
        if (!reader_read(from, offset, piece, sizeof(piece), &got, err) ||
            !spool_write(to, offset, piece, got, err))
            return false;
    }
    return true;
}

bool directory_read(int root, const struct object *object, struct spool *to, struct error *err)
{
    struct directory_file *file = directory_file_open(root, object, err);
    struct reader reader;
    bool ok;

    if (!file)
        return false;
    reader = directory_file_reader(file);
    ok = spool_reserve(to, object->size, err) && copy(&reader, to, err) &&
         directory_file_check(file, err);
    directory_file_close(file);
    return ok;
}
