/* SPDX-License-Identifier: MIT */

/* Divides the CPUs among the items that are left. */

#include "run/cpu_share.h"

unsigned cpu_share(const struct progress_counts *counts, unsigned cpus)
{
    uint64_t ended = 0;
    uint64_t left;

    for (unsigned i = 0; i <= OUTCOME_PENDING; i++)
        ended += counts->by_outcome[i];
    left = counts->total > ended ? counts->total - ended : 1;
    return counts->listing_complete && left < cpus ? (unsigned)(cpus / left) : 1;
}
