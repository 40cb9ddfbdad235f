/* SPDX-License-Identifier: MIT */

/* A hash table with open addressing in a file. */

#include "base/name_set.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/memory.h"
#include "base/temporary.h"

/* Powers of two, as all capacities. */
enum { FIRST_CAPACITY = 4096, PLACES_PER_BLOCK = 256 };

/* A digest; all zeros is an empty place. */
struct place {
    uint64_t low;
    uint64_t high;
};

/*
 * The part of a table that is at hand. What is put in goes back to the file before another part is
 * taken, so a table of any size takes the memory of two blocks.
 */
struct block {
    struct place places[PLACES_PER_BLOCK];
    size_t number;
    bool loaded;
    bool changed;
};

/* Either half has a block of its own: a table that grows is copied to two places in turn. */
struct table {
    int file;
    size_t capacity;
    struct block halves[2];
};

struct name_set {
    struct table *table; /* NULL while empty */
    size_t count;
};

struct name_set *name_set_new(void)
{
    return memory_new(1, sizeof(struct name_set));
}

static void free_table(struct table *table)
{
    if (!table)
        return;
    if (table->file >= 0)
        close(table->file);
    free(table);
}

void name_set_free(struct name_set *set)
{
    if (!set)
        return;
    free_table(set->table);
    free(set);
}

static bool fail(int number, struct error *err)
{
    return error_set_errno(err, ERROR_LOCAL, number,
                           "keep the names of results in a temporary file");
}

/* Room is allocated at once: a disk that fills up later must not lose a name. */
static struct table *new_table(size_t capacity, struct error *err)
{
    struct table *table = memory_new(1, sizeof(*table));
    int failure = 0;

    table->capacity = capacity;
    table->file = temporary_open(err);
    if (table->file >= 0)
        failure = posix_fallocate(table->file, 0, (off_t)(capacity * sizeof(struct place)));
    if (failure)
        fail(failure, err);
    if (table->file >= 0 && !failure)
        return table;
    free_table(table);
    return NULL;
}

static bool transfer(const struct table *table, struct block *block, bool out, struct error *err)
{
    off_t offset = (off_t)(block->number * sizeof(block->places));
    ssize_t size = out ? pwrite(table->file, block->places, sizeof(block->places), offset)
                       : pread(table->file, block->places, sizeof(block->places), offset);

    return size == sizeof(block->places) || fail(size < 0 ? errno : EIO, err);
}

/* The block that has the place, or NULL. */
static struct block *load(struct table *table, size_t at, struct error *err)
{
    struct block *block = &table->halves[at >= table->capacity / 2];
    size_t number = at / PLACES_PER_BLOCK;

    if (block->loaded && block->number == number)
        return block;
    if (block->changed && !transfer(table, block, true, err))
        return NULL;
    *block = (struct block){ .number = number };
    block->loaded = transfer(table, block, false, err);
    return block->loaded ? block : NULL;
}

/* Adds the digest; *seen says whether it is there already. With only_look it is not added. */
static bool put(struct table *table, struct place digest, bool only_look, bool *seen,
                struct error *err)
{
    for (size_t at = digest.low & (table->capacity - 1);; at = (at + 1) & (table->capacity - 1)) {
        struct block *block = load(table, at, err);
        struct place *place;

        if (!block)
            return false;
        place = &block->places[at % PLACES_PER_BLOCK];
        *seen = place->low == digest.low && place->high == digest.high;
        if (*seen)
            return true;
        if (place->low || place->high)
            continue;
        if (!only_look) {
            *place = digest;
            block->changed = true;
        }
        return true;
    }
}

static bool copy(struct table *from, struct table *to, struct error *err)
{
    for (size_t at = 0; at < from->capacity; at++) {
        const struct block *block = load(from, at, err);
        struct place place;
        bool seen;

        if (!block)
            return false;
        place = block->places[at % PLACES_PER_BLOCK];
        if ((place.low || place.high) && !put(to, place, false, &seen, err))
            return false;
    }
    return true;
}

static bool grow(struct name_set *set, struct error *err)
{
    struct table *table = new_table(set->table ? set->table->capacity * 2 : FIRST_CAPACITY, err);

    if (!table)
        return false;
    if (set->table && !copy(set->table, table, err)) {
        free_table(table);
        return false;
    }
    free_table(set->table);
    set->table = table;
    return true;
}

static struct place digest_of(const char *name)
{
    uint8_t digest[SHA256_SIZE];
    struct place place;

    digest_sha256(name, strlen(name), digest);
    memcpy(&place, digest, sizeof(place));
    return place;
}

bool name_set_has(struct name_set *set, const char *name)
{
    struct error err;
    bool seen = false;

    return set->table && put(set->table, digest_of(name), true, &seen, &err) && seen;
}

bool name_set_add(struct name_set *set, const char *name, bool *seen, struct error *err)
{
    if ((!set->table || set->count >= set->table->capacity / 2) && !grow(set, err))
        return false;
    if (!put(set->table, digest_of(name), false, seen, err))
        return false;
    set->count += !*seen;
    return true;
}
