/* SPDX-License-Identifier: MIT */

/*
 * The token that "aws sso login" has cached, renewed with its refresh token when it is about to
 * end, as AWS's clients do: by CreateToken at the OIDC service, and written back for all of them.
 * Threads: confined.
 */

#pragma once

#include "base/attributes.h"
#include "s3/credentials_source.h"

/* All borrowed. */
struct sso_login {
    const char *profile;
    const char *session; /* NULL: the profile has its own; such tokens cannot be renewed */
    const char *start_url;
    const char *region;
};

/* Given to the caller, to be freed as a secret; NULL: ERROR_AUTH or ERROR_CANCELLED. */
MUST_USE char *credentials_sso_token(const struct credentials_place *place,
                                     const struct sso_login *login, struct error *err);

/* ERROR_AUTH that says what to do about it. */
bool credentials_sso_log_in_again(const struct sso_login *login, const char *why,
                                  struct error *err);
