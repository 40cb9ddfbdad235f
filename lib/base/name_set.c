/* SPDX-License-Identifier: MIT */

/* A hash table with open addressing in a mapped file. */

#include "base/name_set.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/memory.h"
#include "base/temporary.h"

enum { FIRST_CAPACITY = 4096 }; /* a power of two, as all capacities */

/* A digest; all zeros is an empty place. */
struct place {
    uint64_t low;
    uint64_t high;
};

struct name_set {
    struct place *places; /* mapped; NULL while empty */
    size_t capacity;
    size_t count;
};

struct name_set *name_set_new(void)
{
    return memory_new(1, sizeof(struct name_set));
}

static void unmap(struct place *places, size_t capacity)
{
    if (places)
        munmap(places, capacity * sizeof(*places));
}

void name_set_free(struct name_set *set)
{
    if (!set)
        return;
    unmap(set->places, set->capacity);
    free(set);
}

/* Blocks are allocated at once: a disk that fills up later would be a SIGBUS, not an error. */
static struct place *map(size_t capacity, struct error *err)
{
    off_t size = (off_t)(capacity * sizeof(struct place));
    void *places = MAP_FAILED;
    int file = temporary_open(err);
    int failure;

    if (file < 0)
        return NULL;
    failure = posix_fallocate(file, 0, size);
    if (!failure)
        places = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (!failure && places == MAP_FAILED)
        failure = errno;
    close(file);
    if (!failure)
        return places;
    error_set_errno(err, ERROR_LOCAL, failure, "keep the names of results in a temporary file");
    return NULL;
}

/* The place that has this digest, or the empty one where it belongs. */
static struct place *find(struct place *places, size_t capacity, struct place digest)
{
    size_t at = digest.low & (capacity - 1);

    while ((places[at].low || places[at].high) &&
           (places[at].low != digest.low || places[at].high != digest.high))
        at = (at + 1) & (capacity - 1);
    return &places[at];
}

static bool grow(struct name_set *set, struct error *err)
{
    size_t capacity = set->capacity ? set->capacity * 2 : FIRST_CAPACITY;
    struct place *places = map(capacity, err);

    if (!places)
        return false;
    for (size_t i = 0; i < set->capacity; i++) {
        if (set->places[i].low || set->places[i].high)
            *find(places, capacity, set->places[i]) = set->places[i];
    }
    unmap(set->places, set->capacity);
    set->places = places;
    set->capacity = capacity;
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

bool name_set_has(const struct name_set *set, const char *name)
{
    const struct place *place;

    if (set->count == 0)
        return false;
    place = find(set->places, set->capacity, digest_of(name));
    return place->low || place->high;
}

bool name_set_add(struct name_set *set, const char *name, bool *seen, struct error *err)
{
    struct place wanted = digest_of(name);
    struct place *place;

    if (set->count >= set->capacity / 2 && !grow(set, err))
        return false;
    place = find(set->places, set->capacity, wanted);
    *seen = place->low || place->high;
    if (!*seen) {
        *place = wanted;
        set->count++;
    }
    return true;
}
