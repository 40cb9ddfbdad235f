/* SPDX-License-Identifier: MIT */

/*
 * How many objects should be in flight when the user does not say: so many that no CPU waits for
 * the network, and no more.
 * Threads: pure.
 */

#pragma once

#include <stdbool.h>

/* What is to be seen when one item has ended. */
struct pace_signs {
    unsigned workers;      /* that there are */
    unsigned least;        /* bounds for them */
    unsigned most;         /* equal to least: the user has said it */
    unsigned cpus;         /* places at the gate */
    unsigned idle_cpus;    /* places at the gate that nobody has */
    unsigned wait_for_cpu; /* workers that stand before the gate with their bytes */
    bool more_items;       /* there is something for one more worker to do */
    bool throttled;        /* the server wants fewer requests */
    bool short_of_memory;  /* bytes of objects have come near the budget */
};

enum pace { PACE_KEEP, PACE_GROW, PACE_SHRINK };

/* Some workers more, one less, or neither. */
enum pace pace_of(const struct pace_signs *signs);

/* The reason for what pace_of said, for the log; borrowed. */
const char *pace_reason(const struct pace_signs *signs);
