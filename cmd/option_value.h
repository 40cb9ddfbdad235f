/* SPDX-License-Identifier: MIT */

/*
 * What an option's value means: numbers with their limits, sizes, times, choices.
 * Threads: before the first thread.
 */

#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "options.h"

/*
 * Sets spec's field of target; texts are borrowed. label is what the user wrote: "--jobs", "-j" or
 * "AVMAP_JOBS". Fails with ERROR_USAGE.
 */
bool option_value_set(const struct option_spec *spec, void *target, const char *label,
                      const char *value, struct error *err);
