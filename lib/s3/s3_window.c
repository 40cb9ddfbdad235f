/* SPDX-License-Identifier: MIT */

/* Decides which ranges to read, and when. */

#include "s3/s3_window.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>

enum {
    KIB = 1024,
    FIRST_SIZE = 256 * KIB, /* of the range at a place the reader jumps to */
    EAGER = 64 * KIB,       /* so many bytes in a row are no jump any more */
    SKIP = 1024 * KIB,      /* going over so much is faster than beginning anew (about 20 ms) */
    AHEAD_SLOTS = S3_WINDOW_SLOTS - 2,
    STALE = 512, /* so many reads elsewhere, about 16 MiB, and a run has no claim any more */
};

void s3_window_init(struct s3_window *window, uint64_t size, uint64_t slot_size)
{
    assert(slot_size > 0);
    *window = (struct s3_window){ .size = size, .slot_size = slot_size };
}

static uint64_t end_of(const struct s3_slot *slot)
{
    return slot->first + slot->size;
}

struct s3_slot *s3_window_find(struct s3_window *window, uint64_t offset)
{
    struct s3_slot *found = NULL;

    for (size_t i = 0; i < S3_WINDOW_SLOTS; i++) {
        struct s3_slot *slot = &window->slots[i];

        if (slot->state == S3_SLOT_EMPTY || offset < slot->first || offset >= end_of(slot))
            continue;
        if (!found || found->state == S3_SLOT_FAILED)
            found = slot;
    }
    return found;
}

/* Whether a run is still going to read it. */
static bool is_unread(const struct s3_window *window, const struct s3_slot *slot)
{
    for (size_t i = 0; i < S3_WINDOW_RUNS; i++) {
        const struct s3_run *run = &window->runs[i];

        if (run->used_at && window->now - run->used_at < STALE && run->position < end_of(slot) &&
            slot->first < run->next)
            return true;
    }
    return false;
}

/* A higher rank is given up first; 0: never. */
static unsigned rank(const struct s3_window *window, const struct s3_slot *slot, bool for_demand)
{
    switch (slot->state) {
    case S3_SLOT_EMPTY:
        return 4;
    case S3_SLOT_HERE:
        if (!is_unread(window, slot))
            return 3;
        return for_demand ? 1 : 0;
    case S3_SLOT_FAILED:
        return for_demand ? 1 : 0;
    case S3_SLOT_WANTED:
        return for_demand ? 2 : 0;
    default:
        return 0;
    }
}

static struct s3_slot *find_room(struct s3_window *window, bool for_demand)
{
    struct s3_slot *room = NULL;
    unsigned best = 0;

    for (size_t i = 0; i < S3_WINDOW_SLOTS; i++) {
        struct s3_slot *slot = &window->slots[i];
        unsigned own = rank(window, slot, for_demand);

        if (own > best || (own && own == best && slot->used_at < room->used_at)) {
            room = slot;
            best = own;
        }
    }
    return room;
}

/* What was wanted and will not come has to be wanted again. */
static void forget(struct s3_window *window, const struct s3_slot *slot)
{
    if (slot->state != S3_SLOT_WANTED)
        return;
    for (size_t i = 0; i < S3_WINDOW_RUNS; i++) {
        struct s3_run *run = &window->runs[i];

        if (run->position <= slot->first && slot->first < run->next)
            run->next = slot->first;
    }
}

/* The longer a run, the more is fetched at once. */
static uint64_t range_size(const struct s3_window *window, const struct s3_run *run)
{
    uint64_t size = FIRST_SIZE;

    while (size < window->slot_size && size < run->position - run->begin)
        size *= 2;
    return size < window->slot_size ? size : window->slot_size;
}

/* Up to the end of the object, or to what is there already. */
static uint64_t clip(const struct s3_window *window, uint64_t first, uint64_t size)
{
    if (size > window->size - first)
        size = window->size - first;
    for (size_t i = 0; i < S3_WINDOW_SLOTS; i++) {
        const struct s3_slot *slot = &window->slots[i];

        if (slot->state != S3_SLOT_EMPTY && slot->first > first && slot->first - first < size)
            size = slot->first - first;
    }
    return size;
}

/* Wants what follows the run's end. */
static void fill(struct s3_window *window, struct s3_slot *slot, struct s3_run *run)
{
    forget(window, slot);
    slot->state = S3_SLOT_EMPTY;
    *slot = (struct s3_slot){
        .state = S3_SLOT_WANTED,
        .first = run->next,
        .size = clip(window, run->next, range_size(window, run)),
        .wanted_at = window->now,
        .used_at = window->now,
    };
    window->now++;
    run->next = end_of(slot);
}

/* The run that reads on at offset, or went over a little; NULL: none. */
static struct s3_run *find_run_ending(struct s3_window *window, uint64_t offset)
{
    struct s3_run *found = NULL;

    for (size_t i = 0; i < S3_WINDOW_RUNS; i++) {
        struct s3_run *run = &window->runs[i];

        if (run->used_at && offset >= run->next && offset - run->next <= SKIP &&
            (!found || run->used_at > found->used_at))
            found = run;
    }
    return found;
}

static struct s3_run *begin_run(struct s3_window *window, uint64_t offset)
{
    struct s3_run *oldest = &window->runs[0];

    for (size_t i = 1; i < S3_WINDOW_RUNS; i++) {
        if (window->runs[i].used_at < oldest->used_at)
            oldest = &window->runs[i];
    }
    *oldest = (struct s3_run){ .begin = offset, .position = offset, .next = offset };
    return oldest;
}

struct s3_slot *s3_window_demand(struct s3_window *window, uint64_t offset)
{
    struct s3_run *run = find_run_ending(window, offset);
    struct s3_slot *slot;

    assert(offset < window->size);
    if (!run)
        run = begin_run(window, offset);
    run->used_at = ++window->now;
    run->position = run->next = offset;
    slot = find_room(window, true);
    assert(slot);
    fill(window, slot, run);
    window->urgent = slot;
    return slot;
}

/* The run that has asked for the byte at offset; where several did, the one that was there last. */
static struct s3_run *find_run_of(struct s3_window *window, uint64_t offset)
{
    struct s3_run *found = NULL;

    for (size_t i = 0; i < S3_WINDOW_RUNS; i++) {
        struct s3_run *run = &window->runs[i];

        if (run->used_at && offset >= run->begin && offset < run->next &&
            (!found || run->used_at > found->used_at))
            found = run;
    }
    return found;
}

static uint64_t ahead(const struct s3_window *window, const struct s3_run *run)
{
    uint64_t length = run->position - run->begin;
    uint64_t most = AHEAD_SLOTS * window->slot_size;

    if (length < EAGER)
        return 0;
    return length < most / 2 ? 2 * length : most;
}

static void read_ahead(struct s3_window *window, struct s3_run *run)
{
    while (run->next < window->size && run->next - run->position < ahead(window, run)) {
        struct s3_slot *there = s3_window_find(window, run->next);
        struct s3_slot *room;

        if (there && there->state == S3_SLOT_FAILED)
            return;
        if (there) {
            run->next = end_of(there);
            continue;
        }
        room = find_room(window, false);
        if (!room)
            return;
        fill(window, room, run);
    }
}

/* Among what was read ahead; what it jumps over was fetched for nothing, and may be again. */
static bool is_jump(const struct s3_run *run, uint64_t offset)
{
    if (offset > run->position)
        return offset - run->position > SKIP;
    return run->position - offset > SKIP;
}

void s3_window_advance(struct s3_window *window, uint64_t offset, uint64_t count)
{
    struct s3_run *run = find_run_of(window, offset);
    struct s3_slot *slot = s3_window_find(window, offset);

    window->now++;
    if (slot)
        slot->used_at = window->now;
    if (slot == window->urgent)
        window->urgent = NULL;
    if (!run)
        return;
    run->used_at = window->now;
    if (is_jump(run, offset))
        run->begin = offset;
    run->position = offset + count;
    if (run->next < run->position)
        run->next = run->position;
    read_ahead(window, run);
}

struct s3_slot *s3_window_next(struct s3_window *window)
{
    struct s3_slot *oldest = NULL;

    if (window->urgent && window->urgent->state == S3_SLOT_WANTED)
        return window->urgent;
    for (size_t i = 0; i < S3_WINDOW_SLOTS; i++) {
        struct s3_slot *slot = &window->slots[i];

        if (slot->state == S3_SLOT_WANTED && (!oldest || slot->wanted_at < oldest->wanted_at))
            oldest = slot;
    }
    return oldest;
}
