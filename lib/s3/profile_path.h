/* SPDX-License-Identifier: MIT */

/*
 * Where AWS's shared files are, with ~ and variables in paths as botocore expands them.
 * Threads: before there are any others.
 */

#pragma once

#include "base/attributes.h"

/* The home folder; borrowed until the next call; NULL without one. */
const char *profile_path_home(void);

/*
 * The path in the environment variable, or else usual: "~", "~user", "$NAME" and "${NAME}" stand
 * for what they do in a shell, and for themselves where there is no such thing. Given to the
 * caller; "" without a home folder where it takes one.
 */
MUST_USE char *profile_path_find(const char *variable, const char *usual);
