/* SPDX-License-Identifier: MIT */

/*
 * Keys for a role in IAM Identity Center, got with the token that "aws sso login" has cached.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>

#include "s3/credentials_source.h"

/* Whether the profile says anything of SSO. */
bool credentials_sso_is_in(const struct credentials_place *place, const char *profile);

/* Fails with ERROR_AUTH. */
bool credentials_sso_fetch(const struct credentials_place *place, const char *profile,
                           struct key_set *keys, struct error *err);
