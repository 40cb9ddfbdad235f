/* SPDX-License-Identifier: MIT */

/*
 * Which listed objects are items. What is not picked is counted and reported.
 * Threads: immutable once filled; selection_add_pattern belongs to the one who fills it.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "items/item.h"

enum selection_verdict {
    SELECTION_PICKED,
    SELECTION_FOLDER_MARKER, /* its key ends in "/": consoles make such objects to show folders */
    SELECTION_EMPTY,         /* zero bytes: nothing can be in it */
    SELECTION_NOT_WANTED,    /* the user's patterns, sizes or age leave it out */
    SELECTION_OTHER_SHARD,   /* another process of this run takes it */
};

struct selection_pattern {
    const char *glob; /* borrowed; "*" matches "/" too */
    bool include;
};

/* Zeroed memory picks everything that is neither a marker nor empty. */
struct selection {
    struct selection_pattern *patterns; /* owned */
    size_t pattern_count;
    uint64_t min_size;     /* bytes */
    uint64_t max_size;     /* bytes; 0: no limit */
    int64_t newer_than_ms; /* wall milliseconds; 0: any age */
};

void selection_add_pattern(struct selection *selection, bool include, const char *glob);
void selection_release(struct selection *selection);

/*
 * The last pattern that matches name decides; where none does, all is wanted unless the first
 * pattern is an include.
 */
bool selection_wants_name(const struct selection *selection, const char *name);

/*
 * Whether all names that begin and end so are left out: by an exclude that ends in "*", after which
 * no include can match any of them, or as the first pattern is an include, and none can.
 */
bool selection_leaves_out(const struct selection *selection, const char *start, const char *end);

/* name is the key relative to the source. An object of unknown size passes the limits. */
enum selection_verdict selection_judge(const struct selection *selection, const struct item *item,
                                       const char *name);
