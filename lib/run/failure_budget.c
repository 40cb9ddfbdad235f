/* SPDX-License-Identifier: MIT */

/* Judges how many failures are too many. */

#include "run/failure_budget.h"

bool failure_budget_is_set(const struct failure_budget *budget)
{
    return budget->count != UINT64_MAX || budget->percentage >= 0;
}

bool failure_budget_is_exceeded(const struct failure_budget *budget, uint64_t failed,
                                uint64_t total, bool total_known)
{
    if (failed > budget->count || (failed > 0 && budget->percentage == 0))
        return true;
    return budget->percentage >= 0 && total_known &&
           (double)failed * 100 > budget->percentage * (double)total;
}
