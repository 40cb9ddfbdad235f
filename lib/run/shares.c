/* SPDX-License-Identifier: MIT */

/* A heap of shares, the smallest one first. */

#include "run/shares.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/memory.h"

struct share {
    unsigned index;
    uint64_t bytes;
    uint64_t items;
};

struct shares {
    unsigned count;
    struct share heap[];
};

struct shares *shares_new(unsigned count)
{
    struct shares *shares = memory_new(1, sizeof(*shares) + count * sizeof(shares->heap[0]));

    shares->count = count;
    for (unsigned i = 0; i < count; i++)
        shares->heap[i].index = i;
    return shares;
}

void shares_free(struct shares *shares)
{
    free(shares);
}

static bool is_less(const struct share *one, const struct share *other)
{
    return one->bytes != other->bytes ? one->bytes < other->bytes : one->items < other->items;
}

/* The first share has grown; moves it down to its place. */
static void sift_down(struct shares *shares)
{
    struct share *heap = shares->heap;
    unsigned at = 0;

    for (;;) {
        unsigned least = at;

        for (unsigned child = 2 * at + 1; child <= 2 * at + 2 && child < shares->count; child++) {
            if (is_less(&heap[child], &heap[least]))
                least = child;
        }
        if (least == at)
            return;
        struct share moved = heap[at];

        heap[at] = heap[least];
        heap[least] = moved;
        at = least;
    }
}

unsigned shares_give(struct shares *shares, uint64_t size, uint64_t *bytes)
{
    struct share *share = &shares->heap[0];
    unsigned index = share->index;

    share->bytes += size;
    share->items++;
    *bytes = share->bytes;
    sift_down(shares);
    return index;
}
