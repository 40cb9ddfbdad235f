/* SPDX-License-Identifier: MIT */

/*
 * Which item has which name, where muxers choose names that the plan cannot know: the first one to
 * claim a name has it for the whole run. Takes disk, not memory, as name_set does.
 * Threads: safe.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"

struct name_claims;

MUST_USE struct name_claims *name_claims_new(void);
void name_claims_free(struct name_claims *claims);

/*
 * Claims name for the item with this index, which may do so again. Fails with Avmap.NameCollision
 * when another item has it, or with ERROR_LOCAL.
 */
bool name_claims_take(struct name_claims *claims, const char *name, uint64_t index,
                      struct error *err);
