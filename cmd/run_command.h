/* SPDX-License-Identifier: MIT */

/*
 * What the commands that run items do once their options are known.
 * Threads: the main thread.
 */

#pragma once

#include "base/cancel.h"
#include "base/error.h"
#include "run_options.h"

/* Fails with ERROR_USAGE when options exclude each other. */
bool run_command_check(const struct run_options *options, struct error *err);

void run_command_set_log(const struct run_options *options);

/* Runs, and says what came of it; the exit status. */
int run_command(const struct run_options *options, struct cancel *cancel);
