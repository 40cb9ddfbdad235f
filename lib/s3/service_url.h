/* SPDX-License-Identifier: MIT */

/*
 * Where AWS's other services are: those that hand out keys.
 * Threads: safe.
 */

#pragma once

#include <stdbool.h>

#include "base/attributes.h"
#include "s3/credentials_source.h"

/*
 * The URL of "sts" or "sso" in region, given to the caller: as configured, or AWS's, with FIPS and
 * dual-stack as asked for; without a "/" at its end.
 */
MUST_USE char *service_url(const struct credentials_place *place, const char *service,
                           const char *region);

/*
 * Splits it into the host, as the Host header has it, and the path, at least "/"; both given to
 * the caller. False: it has none.
 */
bool service_url_split(const char *url, char **host, char **path);
