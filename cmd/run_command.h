/* SPDX-License-Identifier: MIT */

/*
 * What the commands that run items do once their options are known.
 * Threads: the main thread.
 */

#pragma once

#include "base/attributes.h"
#include "base/cancel.h"
#include "run_options.h"

/*
 * Of the options that were given, puts into settings those which a redrive of the run is to have
 * too: what is done to items and how results are written. Not where and by whom, nor on what
 * machine. The caller frees the list; what is in it is borrowed.
 */
MUST_USE struct run_option *run_command_note(struct run_settings *settings,
                                             const struct option_words *words);

/* Runs, and says what came of it; the exit status. */
int run_command(const struct run_options *options, struct cancel *cancel);
