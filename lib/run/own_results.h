/* SPDX-License-Identifier: MIT */

/*
 * Whether a run, or the next one of the same line, would take its own results for input: those that
 * land below SOURCE where no pattern leaves them out.
 * Threads: any; nothing is kept.
 */

#pragma once

#include "base/error.h"
#include "items/selection.h"
#include "media/recipe.h"
#include "run/run_order.h"

/* order has its places and its naming. Fails with ERROR_USAGE, saying what would help. */
bool own_results_refuse(const struct run_order *order, const struct selection *selection,
                        const struct recipe *recipe, struct error *err);
