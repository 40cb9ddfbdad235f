/* SPDX-License-Identifier: MIT */

/*
 * Settings that AWS's clients share: environment variables and what the profile says.
 * Threads: safe.
 */

#pragma once

#include <stdbool.h>

#include "s3/s3_profiles.h"

/* The value of an environment variable, or NULL when it is not set or empty. */
const char *setting_variable(const char *name);

/* The variable's value, or else what the profile says under name, or NULL. */
const char *setting_find(const struct s3_profiles *profiles, const char *profile,
                         const char *variable, const char *name);

/* Whether that is "true" in any case. */
bool setting_is_true(const struct s3_profiles *profiles, const char *profile, const char *variable,
                     const char *name);

/*
 * The endpoint that the user configured for a service ("s3", "sts", "sso"), or NULL: variables of
 * the service and of all, then the profile's services section and the profile itself.
 */
const char *setting_endpoint(const struct s3_profiles *profiles, const char *profile,
                             const char *service);
