/* SPDX-License-Identifier: MIT */

/*
 * What of a large object is in memory or on its way, and what should come next: an account of
 * ranges without their bytes. A reader that reads on from where it was has more and more read
 * ahead for it; one that jumps gets a little at its new place, as it may jump again.
 * Threads: confined.
 */

#pragma once

#include <stdint.h>

enum {
    S3_WINDOW_SLOTS = 8,
    S3_WINDOW_RUNS = 4, /* places between which a reader may go back and forth */
};

enum s3_slot_state {
    S3_SLOT_EMPTY,
    S3_SLOT_WANTED,
    S3_SLOT_COMING,
    S3_SLOT_HERE,
    S3_SLOT_FAILED,
};

/* One range of the object. */
struct s3_slot {
    enum s3_slot_state state; /* WANTED by the window; all after that is the owner's to set */
    uint64_t first;
    uint64_t size;
    uint64_t wanted_at; /* on the window's own clock, like used_at */
    uint64_t used_at;
};

/* Reading on from one place. */
struct s3_run {
    uint64_t begin;    /* without a jump since */
    uint64_t position; /* of the byte to be read next */
    uint64_t next;     /* what was asked for ends here */
    uint64_t used_at;  /* 0: never */
};

struct s3_window {
    uint64_t size; /* of the object */
    uint64_t slot_size;
    uint64_t now; /* ticks with everything that happens */
    struct s3_slot slots[S3_WINDOW_SLOTS];
    struct s3_run runs[S3_WINDOW_RUNS];
    struct s3_slot *urgent; /* what the reader waits for; NULL: nothing */
};

/* No slot becomes larger than slot_size, which is more than none. */
void s3_window_init(struct s3_window *window, uint64_t size, uint64_t slot_size);

/* The slot that has the byte at offset, or will have it, or failed to; NULL: none. */
struct s3_slot *s3_window_find(struct s3_window *window, uint64_t offset);

/*
 * The reader is at offset, which is in the object and in no slot: gives a slot that will have it,
 * and is the next to be fetched. It may take the place of another one that is not COMING, of which
 * there must be at least one.
 */
struct s3_slot *s3_window_demand(struct s3_window *window, uint64_t offset);

/* The reader has read count bytes at offset: wants what it is likely to read after them. */
void s3_window_advance(struct s3_window *window, uint64_t offset, uint64_t count);

/* The slot that should be fetched next, or NULL. */
struct s3_slot *s3_window_next(struct s3_window *window);
