/* SPDX-License-Identifier: MIT */

/*
 * Which known name a mistyped one was probably meant to be.
 * Threads: safe.
 */

#pragma once

/*
 * How many letters must be changed, added, dropped or swapped to get from one text to the other;
 * UINT_MAX when one is over 63 bytes long, as no name is.
 */
unsigned nearest_distance(const char *one, const char *other);

/*
 * Whether candidate is near enough to typed to be suggested and nearer than *best (NULL: none
 * yet); then *best becomes candidate. Call it for every candidate.
 */
void nearest_consider(const char *typed, const char *candidate, const char **best);
