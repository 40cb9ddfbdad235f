/* SPDX-License-Identifier: MIT */

/*
 * What a key set is, and the one function a source of key sets provides. A new source is one file
 * and one line in the table in credentials.c.
 * Threads: a key set is confined; sources are called by one thread at a time.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/cancel.h"
#include "base/error.h"
#include "s3/http.h"
#include "s3/s3_profiles.h"
#include "s3/server_clock.h"

struct key_set {
    char *id;           /* owned; NULL: no keys */
    char *secret;       /* owned */
    char *token;        /* owned; NULL: keys that need none */
    int64_t expires_ms; /* clock_wall_ms of their end; 0: not known to end */
    unsigned version;   /* set by credentials.c: equal versions are equal keys */
};

/* Wipes the keys and leaves none. */
void credentials_wipe(struct key_set *keys);

/* How requests for keys are sent; tests have their own way. */
struct credentials_web {
    /* As http_exchange. NULL: over the network. */
    bool (*exchange)(void *arg, const struct http_request *request, struct http_response *response,
                     struct error *err);
    void *arg;
};

/* What the sources may look at besides the environment. */
struct credentials_place {
    const struct s3_profiles *profiles; /* borrowed */
    const char *profile;                /* borrowed; the profile in use */
    bool profile_chosen;                /* by --profile, which then outranks the environment */
    const char *region;                 /* borrowed; where to ask for keys; NULL: us-east-1 */
    const char *ca_bundle;              /* borrowed; as in http_settings */
    struct server_clock *clock;         /* borrowed; of those who sign; NULL: it is not kept */
    struct credentials_web web;
    const struct cancel *cancel; /* borrowed; ends waits; NULL: nothing does */
};

struct credentials_source {
    const char *name;
    /*
     * Gives a key set in *keys, which is empty before. Leaves it empty when this source has none,
     * which is not a failure; false when it should have some but they cannot be got: ERROR_AUTH.
     */
    bool (*fetch)(const struct credentials_place *place, struct key_set *keys, struct error *err);
};

extern const struct credentials_source credentials_environment;
extern const struct credentials_source credentials_profile;
extern const struct credentials_source credentials_web_identity;
extern const struct credentials_source credentials_container;
extern const struct credentials_source credentials_metadata;
