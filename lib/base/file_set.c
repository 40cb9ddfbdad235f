/* SPDX-License-Identifier: MIT */

/* Packs files into one spool. */

#include "base/file_set.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { PIECE_SIZE = 64 * 1024, FIRST_CAPACITY = 16 };

void file_set_init(struct file_set *set, struct budget *budget)
{
    *set = (struct file_set){ 0 };
    spool_init(&set->pack, budget);
}

void file_set_clear(struct file_set *set)
{
    for (unsigned i = 0; i < set->count; i++)
        free(set->members[i].name);
    set->count = 0;
    set->size = 0;
    spool_clear(&set->pack);
}

void file_set_release(struct file_set *set)
{
    if (!set->pack.budget)
        return;
    file_set_clear(set);
    free(set->members);
    spool_release(&set->pack);
    *set = (struct file_set){ 0 };
}

static bool copy(const struct spool *from, uint64_t offset, uint64_t size, struct spool *to,
                 uint64_t to_offset, struct error *err)
{
    char piece[PIECE_SIZE];

    while (size > 0) {
        size_t wanted = size < sizeof(piece) ? (size_t)size : sizeof(piece);
        size_t got;

        if (!spool_read(from, offset, piece, wanted, &got, err) ||
            !spool_write(to, to_offset, piece, got, err))
            return false;
        offset += got;
        to_offset += got;
        size -= got;
    }
    return true;
}

/* Comparing names takes long where there are ten thousand (FNV-1a). */
static uint32_t hash_of(const char *name)
{
    uint32_t hash = 2166136261U;

    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * 16777619U;
    return hash;
}

static bool is_called(const struct file_set_member *member, uint32_t hash, const char *name)
{
    return member->hash == hash && strcmp(member->name, name) == 0;
}

/* From the end, where playlists are that are written again and again. */
int file_set_find(const struct file_set *set, const char *name)
{
    uint32_t hash = hash_of(name);
    unsigned index = set->count;

    while (index > 0 && !is_called(&set->members[index - 1], hash, name))
        index--;
    return (int)index - 1;
}

void file_set_remove(struct file_set *set, unsigned index)
{
    struct file_set_member *member = &set->members[index];

    free(member->name);
    set->size -= member->size;
    memmove(member, member + 1, (--set->count - index) * sizeof(*member));
}

void file_set_move_last(struct file_set *set, unsigned index)
{
    struct file_set_member moved = set->members[index];

    memmove(&set->members[index], &set->members[index + 1],
            (set->count - 1 - index) * sizeof(moved));
    set->members[set->count - 1] = moved;
}

static bool add(struct file_set *set, const char *name, struct error *err)
{
    if (set->count == FILE_SET_MAX)
        return error_set(err, ERROR_MEDIA, "Media.TooManyFiles",
                         "the result would have more than %d files", FILE_SET_MAX);
    if (set->count == set->capacity) {
        set->capacity = set->capacity ? set->capacity * 2 : FIRST_CAPACITY;
        set->members = memory_grow(set->members, set->capacity, sizeof(*set->members));
    }
    set->members[set->count++] = (struct file_set_member){
        .name = memory_copy_text(name),
        .hash = hash_of(name),
    };
    return true;
}

bool file_set_keep(struct file_set *set, const char *name, const struct spool *bytes,
                   struct error *err)
{
    int index = file_set_find(set, name);
    struct file_set_member *member;

    if (index != FILE_SET_NONE)
        file_set_move_last(set, (unsigned)index);
    else if (!add(set, name, err))
        return false;
    member = &set->members[set->count - 1];
    set->size -= member->size;
    if (bytes->size > member->room) {
        /* A playlist grows each time: with twice the room what it leaves behind stays small. */
        member->room = index == FILE_SET_NONE ? bytes->size : bytes->size * 2;
        member->offset = set->pack.size;
        if (member->room > bytes->size &&
            !spool_write(&set->pack, member->offset + member->room - 1, "", 1, err))
            return false;
    }
    member->size = bytes->size;
    set->size += member->size;
    return copy(bytes, 0, bytes->size, &set->pack, member->offset, err);
}

bool file_set_read(const struct file_set *set, unsigned index, struct spool *to, struct error *err)
{
    const struct file_set_member *member = &set->members[index];

    return copy(&set->pack, member->offset, member->size, to, 0, err);
}
