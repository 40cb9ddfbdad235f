/* SPDX-License-Identifier: MIT */

/*
 * What is inside a struct s3_ranges, for its reader and its fetchers.
 * Threads: safe, as said below.
 */

#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cancel.h"
#include "base/error.h"
#include "s3/s3_range.h"
#include "s3/s3_ranges.h"
#include "s3/s3_whole.h"
#include "s3/s3_window.h"

enum { S3_FETCHERS = 4 }; /* one of them is always there for what the reader waits for */

/* The bytes of one of the window's slots. */
struct s3_ranges_part {
    struct s3_range range; /* first, as it is what arrivals are noted by */
    struct s3_ranges *ranges;
    size_t capacity; /* of range.to, which is owned */
    struct error failure;
};

struct s3_ranges {
    struct s3_ranges_request request;
    uint64_t budgeted;
    struct cancel cancel; /* below the client's */
    pthread_t fetchers[S3_FETCHERS];
    unsigned fetcher_count;
    struct error failure; /* the one that the reader has come upon */
    struct s3_whole whole;
    _Atomic bool is_kms;  /* the ETag is no MD5 */
    _Atomic bool refused; /* the server knows none */
    pthread_mutex_t lock;
    pthread_cond_t work;    /* for the fetchers */
    pthread_cond_t arrived; /* for the reader */

    /* Guarded by lock. */
    struct s3_window window;
    struct s3_ranges_part parts[S3_WINDOW_SLOTS];
    struct s3_ranges_part *awaited; /* by the reader; NULL: it does not wait */
    uint64_t awaited_size;
    unsigned idle; /* fetchers that wait for work, or are about to look for it */
    unsigned coming;
    bool closing;
};

static inline struct s3_ranges_part *s3_ranges_part_of(struct s3_ranges *ranges,
                                                       const struct s3_slot *slot)
{
    return &ranges->parts[slot - ranges->window.slots];
}
