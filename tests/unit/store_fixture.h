/* SPDX-License-Identifier: MIT */

/*
 * The scratch folder as a store.
 * Threads: the test's.
 */

#pragma once

#include "store/store.h"

struct store_fixture {
    struct location place;
    struct store *store;
};

extern struct store_fixture store_fixture;

/* Set-up and tear-down for cmocka, in the place of those of scratch. */
int store_fixture_make(void **state);
int store_fixture_remove(void **state);
