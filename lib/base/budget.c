/* SPDX-License-Identifier: MIT */

/* A shared count of bytes that may still be allocated. */

#include "base/budget.h"

void budget_init(struct budget *budget, uint64_t bytes)
{
    budget->total_bytes = bytes;
    atomic_init(&budget->left_bytes, bytes);
}

bool budget_take(struct budget *budget, uint64_t bytes)
{
    uint64_t left = atomic_load(&budget->left_bytes);

    while (left >= bytes) {
        if (atomic_compare_exchange_weak(&budget->left_bytes, &left, left - bytes))
            return true;
    }
    return false;
}

void budget_give(struct budget *budget, uint64_t bytes)
{
    atomic_fetch_add(&budget->left_bytes, bytes);
}

bool budget_is_short(const struct budget *budget)
{
    return atomic_load(&budget->left_bytes) < budget->total_bytes / 8;
}
