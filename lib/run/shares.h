/* SPDX-License-Identifier: MIT */

/*
 * Several shares of bytes, of which the smallest one gets what comes next: a greedy way to make
 * them alike, which is a third above the best at most when the largest come first (Graham 1969).
 * Threads: confined.
 */

#pragma once

#include <stdint.h>

#include "base/attributes.h"

struct shares;

MUST_USE struct shares *shares_new(unsigned count);
void shares_free(struct shares *shares);

/*
 * Gives an item to the share with the fewest bytes, among these to the one with the fewest items.
 * Returns which one it is, from 0, and how many *bytes it has now.
 */
unsigned shares_give(struct shares *shares, uint64_t size, uint64_t *bytes);
