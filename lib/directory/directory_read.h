/* SPDX-License-Identifier: MIT */

/*
 * One file below a root folder into a spool.
 * Threads: safe.
 */

#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/object.h"
#include "base/spool.h"

/*
 * The file must be regular and still have the listed size and time, before and after reading;
 * else ERROR_OBJECT, File.Changed. No link is followed.
 */
bool directory_read(int root, const struct object *object, struct spool *to, struct error *err);
