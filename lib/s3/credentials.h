/* SPDX-License-Identifier: MIT */

/*
 * The keys in use: found by trying the sources in order, kept, and asked for again by one thread
 * when they are about to end or were refused, while the others go on with keys that still count.
 * Threads: safe.
 */

#pragma once

#include <stdbool.h>

#include "base/attributes.h"
#include "base/cancel.h"
#include "base/error.h"
#include "s3/credentials_source.h"

struct credentials;

/* What place points to is borrowed. Nothing is looked up before the first update. */
MUST_USE struct credentials *credentials_new(const struct credentials_place *place);

/* NULL is fine. */
void credentials_free(struct credentials *credentials);

/*
 * Brings *keys, the caller's own copy (all zero at first), up to date; it costs little when it
 * is. cancel ends waits; NULL: nothing does. Fails with ERROR_AUTH, saying where was looked and
 * what to do, or ERROR_CANCELLED.
 */
bool credentials_update(struct credentials *credentials, const struct cancel *cancel,
                        struct key_set *keys, struct error *err);

/* The server says that these keys have ended: the next update asks the sources again. */
void credentials_reject(struct credentials *credentials, const struct key_set *keys);
