/* SPDX-License-Identifier: MIT */

/*
 * Looks for many objects at once.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "store/store.h"

struct store_found {
    size_t count;   /* of the keys, how many there are */
    uint64_t bytes; /* of these objects together */
};

/*
 * keys are put into byte order. In S3 that takes one listing of what all of them begin with, from
 * which others that begin so are passed over; in a folder a look at each file.
 */
bool store_find(struct store *store, char **keys, size_t count, struct store_found *found,
                struct error *err);
