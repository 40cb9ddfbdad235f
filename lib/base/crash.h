/* SPDX-License-Identifier: MIT */

/*
 * What is left to do when a library crashes (SEGV, BUS, FPE, ILL, ABRT): note in a file which
 * items were at work, and begin the program anew, which goes on from there. Programs with
 * sanitizers leave crashes to these.
 * Threads: crash_set_note and the two for threads are about the calling one; the others belong
 * before the first and after the last of them.
 */

#pragma once

#include <stdbool.h>

#include "base/cancel.h"

/* The program's own arguments, borrowed for ever; to be called before it opens any file. */
void crash_set_command(char *const *argv);

/*
 * Notes go to the end of file, which stays the caller's. The program is begun anew when that is
 * allowed, a note was written, and cancel, borrowed, does not say to stop; else the crash ends it.
 * INT and TERM are blocked when it begins anew.
 */
void crash_begin(int file, bool begins_anew, const struct cancel *cancel);
void crash_end(void);

/* Gives the thread a stack for the case that its own is used up. */
void crash_thread_begin(void);
void crash_thread_end(void);

/*
 * The line that says what the thread is at work on, borrowed until the next call; NULL: nothing.
 * When it is not clear which thread has broken the memory, the notes of all are written.
 */
void crash_set_note(const char *line);
