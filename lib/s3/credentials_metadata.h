/* SPDX-License-Identifier: MIT */

/*
 * What the instance metadata service of EC2 knows besides keys.
 * Threads: safe.
 */

#pragma once

#include "s3/credentials_source.h"

/* The region of this machine, given to the caller, or NULL: this is none of EC2's, or it is mute.
 */
char *credentials_metadata_region(const struct credentials_place *place);
