/* SPDX-License-Identifier: MIT */

/* Delays between attempts. */

#include "base/backoff.h"

#include <float.h>
#include <math.h>
#include <sys/random.h>

uint64_t backoff_limit_ms(const struct backoff *backoff, unsigned attempt)
{
    double factor = fmin(pow(backoff->rate, (double)attempt - 1), DBL_MAX); /* inf * 0 is no 0 */
    double delay_ms = (double)backoff->interval_ms * factor;

    if (!(delay_ms < (double)backoff->max_delay_ms))
        return backoff->max_delay_ms;
    return (uint64_t)delay_ms;
}

uint64_t backoff_delay_ms(const struct backoff *backoff, unsigned attempt)
{
    uint64_t limit_ms = backoff_limit_ms(backoff, attempt);
    uint64_t random;

    /* Without random numbers the longest delay is the safe one. */
    if (backoff->jitter == BACKOFF_NO_JITTER ||
        getrandom(&random, sizeof(random), 0) != sizeof(random))
        return limit_ms;
    return random % (limit_ms + 1);
}
