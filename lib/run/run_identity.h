/* SPDX-License-Identifier: MIT */

/*
 * What tells a run from other ones: places, names, recipe and share, and the options that pick
 * items, as they were given. How fast it is done, or what is shown, makes no other run.
 * Threads: pure.
 */

#pragma once

#include "base/uuid.h"
#include "run/run_order.h"
#include "run/run_settings.h"

enum { RUN_IDENTITY_SIZE = 33 };

/* Of a run that a killed one is looked for to go on with, as hexadecimal digits. */
void run_identity(const struct run_order *order, const struct run_settings *settings,
                  const char *recipe, char identity[RUN_IDENTITY_SIZE]);

/*
 * The id that all shards of an array job give their run: of the job, and of what is to be done, as
 * a job may run several lines. Returns out.
 */
const char *run_identity_of_array(const struct run_order *order,
                                  const struct run_settings *settings, const char *job,
                                  char out[UUID_SIZE]);
