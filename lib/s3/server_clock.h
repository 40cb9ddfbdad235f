/* SPDX-License-Identifier: MIT */

/*
 * The time to sign with: ours, corrected by what a server's Date says when ours is far off.
 * Threads: safe.
 */

#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct server_clock {
    _Atomic int64_t offset_ms; /* what the servers' clocks are ahead of ours */
};

/*
 * After a refusal of what was signed with that offset, with its header Date: whether that explains
 * it. The new offset is kept then, and the first one warned of.
 */
bool server_clock_set(struct server_clock *clock, int64_t used_offset_ms, const char *date);
