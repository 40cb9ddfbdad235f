/* SPDX-License-Identifier: MIT */

/*
 * What this process may really use of the machine: CPU affinity and the limits of its cgroup
 * (version 2, or version 1 as mounted by containers), which are what a batch engine sets.
 * Threads: safe.
 */

#pragma once

#include <stdint.h>

/* CPUs, at least 1; a quota of 1.5 CPUs counts as 2. */
unsigned machine_cpus(void);

/* Descriptors that may be open at once, by the soft limit. */
unsigned machine_open_files(void);

/* Bytes of memory: the machine's or the cgroup's limit, whichever is less. */
uint64_t machine_memory(void);
