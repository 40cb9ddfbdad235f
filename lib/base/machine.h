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

/*
 * Asks the kernel to treat the calling thread and all that it starts from now on as batch work:
 * who wakes up does not push aside who computes, and the caches with him. Nothing else changes, as
 * the share of the CPU; where it is refused, nothing at all.
 */
void machine_work_in_batch(void);

/* Bytes of memory: the machine's or the cgroup's limit, whichever is less. */
uint64_t machine_memory(void);
