/* SPDX-License-Identifier: MIT */

/* Learns the servers' time. */

#include "s3/server_clock.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"

enum {
    SKEW_TOLERATED_MS = 4 * 60 * 1000, /* AWS tolerates 5 to 15 minutes; others are no cause */
};

bool server_clock_set(struct server_clock *clock, int64_t used_offset_ms, const char *date)
{
    int64_t ours_ms = clock_wall_ms();
    int64_t theirs_ms;

    if (!clock_parse_http(date, &theirs_ms) ||
        llabs(theirs_ms - ours_ms - used_offset_ms) < SKEW_TOLERATED_MS)
        return false;
    if (atomic_exchange(&clock->offset_ms, theirs_ms - ours_ms) == 0)
        log_warning("this machine's clock differs from the server's by %" PRId64
                    " s; signing with the server's",
                    (theirs_ms - ours_ms) / 1000);
    return true;
}
