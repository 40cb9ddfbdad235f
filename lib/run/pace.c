/* SPDX-License-Identifier: MIT */

/* Judges whether more or fewer objects should be in flight. */

#include "run/pace.h"

/* More before the gate than this for each place only hold memory. */
enum { WAITING_PER_CPU = 3 };

static bool is_too_many(const struct pace_signs *signs)
{
    return signs->throttled || signs->short_of_memory ||
           signs->wait_for_cpu > WAITING_PER_CPU * signs->cpus;
}

enum pace pace_of(const struct pace_signs *signs)
{
    if (is_too_many(signs))
        return signs->workers > signs->least ? PACE_SHRINK : PACE_KEEP;
    if (signs->idle_cpus > 0 && signs->wait_for_cpu == 0 && signs->more_items)
        return signs->workers < signs->most ? PACE_GROW : PACE_KEEP;
    return PACE_KEEP;
}

const char *pace_reason(const struct pace_signs *signs)
{
    if (signs->throttled)
        return "the server asks to slow down";
    if (signs->short_of_memory)
        return "memory is short";
    return is_too_many(signs) ? "objects wait for a CPU" : "a CPU was idle";
}
