/* SPDX-License-Identifier: MIT */

/* Tokens for repetitions. */

#include "s3/retry_quota.h"

enum { TOKENS = 500, FOR_A_FIRST_TRY = 1, PATIENCE_MS = 60 * 1000, PROBE_EVERY_MS = 1000 };

void retry_quota_init(struct retry_quota *quota, int64_t now_ms)
{
    atomic_init(&quota->tokens, TOKENS);
    atomic_init(&quota->succeeded_ms, now_ms);
    atomic_init(&quota->probed_ms, now_ms);
}

bool retry_quota_is_patient(const struct retry_quota *quota, int64_t now_ms)
{
    return now_ms - atomic_load(&quota->succeeded_ms) < PATIENCE_MS;
}

bool retry_quota_take(struct retry_quota *quota, int cost)
{
    int left = atomic_load(&quota->tokens);

    while (left >= cost) {
        if (atomic_compare_exchange_weak(&quota->tokens, &left, left - cost))
            return true;
    }
    return false;
}

bool retry_quota_probe(struct retry_quota *quota, int64_t now_ms)
{
    int64_t last_ms = atomic_load(&quota->probed_ms);

    return now_ms - last_ms >= PROBE_EVERY_MS &&
           atomic_compare_exchange_strong(&quota->probed_ms, &last_ms, now_ms);
}

void retry_quota_give(struct retry_quota *quota, int taken, int64_t now_ms)
{
    int left = atomic_load(&quota->tokens);
    int more = taken ? taken : FOR_A_FIRST_TRY;

    atomic_store(&quota->succeeded_ms, now_ms);
    while (left < TOKENS) {
        int next = left + more < TOKENS ? left + more : TOKENS;

        if (atomic_compare_exchange_weak(&quota->tokens, &left, next))
            break;
    }
}
