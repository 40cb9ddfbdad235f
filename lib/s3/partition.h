/* SPDX-License-Identifier: MIT */

/*
 * AWS's partitions: groups of regions with a domain of their own.
 * Source: partitions.json in botocore.
 * Threads: safe.
 */

#pragma once

#include <stdbool.h>

struct partition {
    const char *name;              /* in ARNs */
    const char *prefix;            /* how its regions begin */
    const char *suffix;            /* of host names */
    const char *dual_stack_suffix; /* of host names that have IPv6, for all services but S3 */
    bool has_fips;
};

/* The partition of region; for regions nobody knows, that of us-east-1. */
const struct partition *partition_of(const char *region);

/* Whether a host name is one of AWS's. */
bool partition_has_host(const char *host);
