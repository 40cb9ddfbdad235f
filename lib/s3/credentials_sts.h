/* SPDX-License-Identifier: MIT */

/*
 * The two calls of AWS's Security Token Service that turn something into keys of a role.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>

#include "s3/credentials_source.h"

/* All borrowed. */
struct credentials_role {
    const char *arn;
    const char *session_name; /* NULL: one is made up */
    const char *external_id;  /* NULL: none */
    const char *duration_s;   /* NULL: as STS likes */
};

/* AssumeRole, signed with keys that may do so. Fails with ERROR_AUTH. */
bool credentials_assume_role(const struct credentials_place *place,
                             const struct credentials_role *role, const struct key_set *with,
                             struct key_set *keys, struct error *err);

/* AssumeRoleWithWebIdentity; the token's file is read anew each time. Fails with ERROR_AUTH. */
bool credentials_assume_with_web_identity(const struct credentials_place *place,
                                          const struct credentials_role *role,
                                          const char *token_file, struct key_set *keys,
                                          struct error *err);
