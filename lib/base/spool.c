/* SPDX-License-Identifier: MIT */

/* Object bytes in memory, then in an unlinked temporary file. */

#include "base/spool.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/temporary.h"

enum {
    FIRST_CAPACITY = 64 * 1024,
    PIECE_SIZE = 64 * 1024,
    EXPECTED_MAX = 16 * 1024 * 1024,
};

void spool_init(struct spool *spool, struct budget *budget)
{
    *spool = (struct spool){ .budget = budget, .file = -1 };
}

static void drop_memory(struct spool *spool)
{
    free(spool->memory);
    budget_give(spool->budget, spool->claimed);
    spool->memory = NULL;
    spool->capacity = 0;
    spool->claimed = 0;
}

void spool_clear(struct spool *spool)
{
    if (spool->file >= 0)
        close(spool->file);
    spool->file = -1;
    spool->file_is_given = false;
    spool->last_size = spool->size;
    spool->size = 0;
    drop_memory(spool);
}

void spool_release(struct spool *spool)
{
    if (!spool->budget)
        return;
    spool_clear(spool);
}

/* number: what the system says; 0: somebody else has shortened the file. */
static bool fail(const struct spool *spool, const char *verb, int number, struct error *err)
{
    enum error_kind kind = spool->file_is_given ? ERROR_OBJECT : ERROR_LOCAL;
    const char *file =
        spool->file_is_given ? "the result" : "a temporary file (set TMPDIR to a larger disk)";

    if (number)
        return error_set_errno(err, kind, number, "%s %s", verb, file);
    return error_set(err, kind, "File.Error", "%s %s: it became shorter", verb, file);
}

static bool write_file(struct spool *spool, uint64_t offset, const char *bytes, size_t size,
                       struct error *err)
{
    while (size > 0) {
        ssize_t written = pwrite(spool->file, bytes, size, (off_t)offset);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return fail(spool, "write to", errno, err);
        bytes += written;
        offset += (uint64_t)written;
        size -= (size_t)written;
    }
    return true;
}

static bool move_to_file(struct spool *spool, struct error *err)
{
    spool->file = temporary_open(err);
    if (spool->file < 0)
        return false;
    if (!write_file(spool, 0, spool->memory, (size_t)spool->size, err)) {
        close(spool->file);
        spool->file = -1;
        return false;
    }
    drop_memory(spool);
    return true;
}

bool spool_claim(struct spool *spool, uint64_t size)
{
    if (size <= spool->claimed)
        return true;
    if (!budget_take(spool->budget, size - spool->claimed))
        return false;
    spool->claimed = size;
    return true;
}

static bool reserve_memory(struct spool *spool, uint64_t size)
{
    char *grown;

    if (spool->file >= 0 || size <= spool->capacity)
        return spool->file < 0;
    if (size > SIZE_MAX / 2 || !spool_claim(spool, size))
        return false;
    grown = realloc(spool->memory, (size_t)size);
    if (!grown)
        return false;
    memory_prefer_large_pages(grown, (size_t)size);
    spool->memory = grown;
    spool->capacity = (size_t)size;
    return true;
}

bool spool_reserve(struct spool *spool, uint64_t size, struct error *err)
{
    return spool->file >= 0 || reserve_memory(spool, size) || move_to_file(spool, err);
}

/* Objects of a run are often alike: the last one's size, and an eighth for those a bit larger. */
static uint64_t first_capacity(const struct spool *spool)
{
    uint64_t expected = spool->last_size + spool->last_size / 8;

    return expected > FIRST_CAPACITY && expected <= EXPECTED_MAX ? expected : FIRST_CAPACITY;
}

/* Doubling keeps the copies down; when the budget has no double, exactly enough will do. */
static bool make_room(struct spool *spool, uint64_t end, struct error *err)
{
    uint64_t capacity = spool->capacity ? spool->capacity : first_capacity(spool);

    if (end <= spool->capacity)
        return true;
    while (capacity < end)
        capacity *= 2;
    return reserve_memory(spool, capacity) || spool_reserve(spool, end, err);
}

bool spool_write(struct spool *spool, uint64_t offset, const void *bytes, size_t size,
                 struct error *err)
{
    uint64_t end = offset + size;

    if (end < offset || end > INT64_MAX)
        return error_set(err, ERROR_INTERNAL, "Avmap.Internal", "write past the end of all files");
    if (size == 0)
        return true;
    if (spool->file < 0 && !make_room(spool, end, err))
        return false;
    if (spool->file >= 0) {
        if (!write_file(spool, offset, bytes, size, err))
            return false;
    } else {
        assert(spool->memory);
        if (offset > spool->size)
            memset(spool->memory + spool->size, 0, (size_t)(offset - spool->size));
        memcpy(spool->memory + offset, bytes, size);
    }
    if (end > spool->size)
        spool->size = end;
    return true;
}

bool spool_append(struct spool *spool, const struct spool *from, struct error *err)
{
    const char *bytes = spool_bytes(from);
    char piece[PIECE_SIZE];
    size_t got;

    if (bytes)
        return spool_write(spool, spool->size, bytes, (size_t)from->size, err);
    for (uint64_t offset = 0; offset < from->size; offset += got) {
        if (!spool_read(from, offset, piece, sizeof(piece), &got, err) ||
            !spool_write(spool, spool->size, piece, got, err))
            return false;
    }
    return true;
}

bool spool_use_file(struct spool *spool, int file, struct error *err)
{
    struct spool moved = { .budget = spool->budget, .file_is_given = true };

    moved.file = fcntl(file, F_DUPFD_CLOEXEC, 0);
    if (moved.file < 0)
        return error_set_errno(err, ERROR_LOCAL, errno, "keep a file open");
    if (!spool_append(&moved, spool, err)) {
        close(moved.file);
        return false;
    }
    spool_release(spool);
    *spool = moved;
    return true;
}

bool spool_rewind(struct spool *spool, struct error *err)
{
    if (spool->file >= 0 && ftruncate(spool->file, 0) < 0)
        return fail(spool, "shorten", errno, err);
    spool->size = 0;
    return true;
}

bool spool_read(const struct spool *spool, uint64_t offset, void *bytes, size_t size, size_t *got,
                struct error *err)
{
    char *to = bytes;

    *got = 0;
    if (offset >= spool->size)
        return true;
    if (size > spool->size - offset)
        size = (size_t)(spool->size - offset);
    if (spool->file < 0) {
        memcpy(to, spool->memory + offset, size);
        *got = size;
        return true;
    }
    while (*got < size) {
        ssize_t count = pread(spool->file, to + *got, size - *got, (off_t)(offset + *got));

        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return fail(spool, "read from", errno, err);
        if (count == 0)
            return fail(spool, "read from", 0, err);
        *got += (size_t)count;
    }
    return true;
}

const char *spool_bytes(const struct spool *spool)
{
    if (spool->file >= 0)
        return NULL;
    return spool->memory ? spool->memory : "";
}
