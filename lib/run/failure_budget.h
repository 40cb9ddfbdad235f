/* SPDX-License-Identifier: MIT */

/*
 * How many items may fail before the run ends, as a Distributed Map counts: either value exceeded
 * is enough, and equal is not exceeded. Without any the run goes on to its end whatever fails.
 * Source: ToleratedFailurePercentage and ToleratedFailureCount of the Step Functions Map state.
 * Threads: immutable.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

/* FAILURE_BUDGET_NONE, with what the user gave put in. */
struct failure_budget {
    uint64_t count;    /* UINT64_MAX: not given */
    double percentage; /* 0 to 100, of all items; negative: not given */
};

#define FAILURE_BUDGET_NONE                                                                        \
    {                                                                                              \
        UINT64_MAX, -1                                                                             \
    }

/* Whether anything is tolerated or limited at all. */
bool failure_budget_is_set(const struct failure_budget *budget);

/*
 * total_known: all items are listed or counted. Before that only what no further item can mend
 * counts: a percentage above 0 is judged once the total is known.
 */
bool failure_budget_is_exceeded(const struct failure_budget *budget, uint64_t failed,
                                uint64_t total, bool total_known);
