/* SPDX-License-Identifier: MIT */

/*
 * What all workers share of one S3 endpoint: where it is, the credentials, the pace. Created once,
 * before the workers.
 * Threads: safe.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/cancel.h"
#include "base/error.h"
#include "s3/s3_settings.h"

struct s3_service;

/*
 * Reads settings, environment and profile files, and finds the first credentials; cancel ends the
 * wait for them, NULL: nothing does. The strings in settings are borrowed. Fails with ERROR_USAGE
 * (bad endpoint or profile), ERROR_AUTH (no credentials: the text says every place that was looked
 * at and what to do) or ERROR_CANCELLED.
 */
MUST_USE struct s3_service *s3_service_new(const struct s3_settings *settings,
                                           const struct cancel *cancel, struct error *err);

/* Every client must be closed. NULL is fine. */
void s3_service_free(struct s3_service *service);

/* The region that requests are signed for; borrowed. */
const char *s3_service_region(const struct s3_service *service);

struct s3_traffic {
    uint64_t requests;  /* sent, repetitions included */
    uint64_t repeated;  /* of them, those that repeat one */
    uint64_t throttled; /* answers that asked to slow down */
};

/* What was sent so far. NULL: no S3 is in play, so nothing was. */
struct s3_traffic s3_service_traffic(const struct s3_service *service);

/* Whether requests are being held back because the server asked for that. */
bool s3_service_is_throttled(struct s3_service *service);

/*
 * For what follows the items of a run: that those have used up what there is for repetitions shall
 * not cost their records.
 */
void s3_service_renew_quota(struct s3_service *service);

/* The libraries that talk to S3, with versions, in one line; borrowed. */
const char *s3_service_libraries(void);
