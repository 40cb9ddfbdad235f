/* SPDX-License-Identifier: MIT */

/*
 * A text that tells a process apart from all others, also on other machines, and later whether it
 * still lives.
 * Threads: safe.
 */

#pragma once

#include "base/attributes.h"

/* This process's: boot, process namespace, number, time of start, and a number of the program that
 * it executes. The caller frees it. */
MUST_USE char *process_mark_own(void);

enum process_state {
    PROCESS_LIVES,
    PROCESS_GONE,
    PROCESS_ELSEWHERE, /* or before a restart of the machine, or in another container */
};

enum process_state process_mark_judge(const char *mark);
