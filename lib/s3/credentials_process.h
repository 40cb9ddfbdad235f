/* SPDX-License-Identifier: MIT */

/*
 * Keys that a program of the user's prints (credential_process).
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>

#include "s3/credentials_source.h"

/* Runs command by the shell; it has a minute. Fails with ERROR_AUTH. */
bool credentials_process_fetch(const struct credentials_place *place, const char *command,
                               struct key_set *keys, struct error *err);
