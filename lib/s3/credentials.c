/* SPDX-License-Identifier: MIT */

/* Finds, keeps and renews the keys. */

#include "s3/credentials.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"

enum {
    RENEW_BEFORE_MS = 15 * 60 * 1000, /* as botocore; but not before 3/4 of their time is over */
    PAUSE_MS = 60 * 1000,             /* after a renewal that failed and could wait */
    STALE_MS = 5 * 60 * 1000,         /* for keys that had ended when they came */
    LOOK_MS = 100,
};

/* The first one that has keys is used. */
static const struct credentials_source *const sources[] = {
    &credentials_environment, &credentials_profile,  &credentials_web_identity,
    &credentials_container,   &credentials_metadata,
};

struct credentials {
    struct credentials_place place;
    pthread_mutex_t lock;
    pthread_cond_t renewed;

    /* Guarded by lock. */
    struct key_set keys;
    int64_t end_ms;   /* of the keys' use, by the wall clock; 0: not known to end */
    int64_t renew_ms; /* when to ask for new ones; 0: never */
    bool rejected;
    bool renewing;        /* by some thread */
    unsigned renewals;    /* how many were tried */
    struct error failure; /* of the last one; ERROR_NONE: it worked */
};

struct credentials *credentials_new(const struct credentials_place *place)
{
    struct credentials *credentials = memory_new(1, sizeof(*credentials));
    pthread_condattr_t monotonic;

    credentials->place = *place;
    pthread_mutex_init(&credentials->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&credentials->renewed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return credentials;
}

void credentials_free(struct credentials *credentials)
{
    if (!credentials)
        return;
    credentials_wipe(&credentials->keys);
    pthread_cond_destroy(&credentials->renewed);
    pthread_mutex_destroy(&credentials->lock);
    free(credentials);
}

void credentials_wipe(struct key_set *keys)
{
    memory_free_secret(keys->id);
    memory_free_secret(keys->secret);
    memory_free_secret(keys->token);
    *keys = (struct key_set){ 0 };
}

static bool nothing_found(const struct credentials_place *place, struct error *err)
{
    return error_set(err, ERROR_AUTH, "S3.NoCredentials",
                     "no credentials: %s, profile %s in %s and %s has no keys, and neither web "
                     "identity, container nor instance metadata have any; give keys in one of "
                     "these places, another --profile, or --no-sign-request for public buckets",
                     place->profile_chosen ? "AWS_ACCESS_KEY_ID does not count with --profile"
                                           : "AWS_ACCESS_KEY_ID is not set",
                     place->profile, s3_profiles_path(place->profiles, S3_PROFILES_CREDENTIALS),
                     s3_profiles_path(place->profiles, S3_PROFILES_CONFIG));
}

static bool fetch(const struct credentials_place *place, struct key_set *keys, struct error *err)
{
    for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
        if (!sources[i]->fetch(place, keys, err))
            return false;
        if (keys->id) {
            log_debug("keys come from %s", sources[i]->name);
            return true;
        }
    }
    return nothing_found(place, err);
}

static int64_t least(int64_t one, int64_t other)
{
    return one < other ? one : other;
}

/* Takes fresh. Sources may hand out keys that have ended while they have trouble themselves; a
 * server may still accept them. */
static void keep_locked(struct credentials *credentials, const struct key_set *fresh)
{
    int64_t now_ms = clock_wall_ms();
    int64_t life_ms = fresh->expires_ms - now_ms;
    unsigned version = credentials->keys.version + 1;

    credentials_wipe(&credentials->keys);
    credentials->keys = *fresh;
    credentials->keys.version = version;
    credentials->rejected = false;
    credentials->end_ms = fresh->expires_ms;
    credentials->renew_ms = fresh->expires_ms - least(RENEW_BEFORE_MS, life_ms / 4);
    if (fresh->expires_ms == 0)
        credentials->renew_ms = 0;
    else if (life_ms <= 0)
        credentials->end_ms = credentials->renew_ms = now_ms + STALE_MS;
}

static bool are_usable_locked(const struct credentials *credentials)
{
    return credentials->keys.id && !credentials->rejected &&
           (credentials->end_ms == 0 || clock_wall_ms() < credentials->end_ms);
}

static bool are_due_locked(const struct credentials *credentials)
{
    return credentials->renew_ms != 0 && clock_wall_ms() >= credentials->renew_ms;
}

/* A renewal that failed before it had to work: later is early enough. */
static void postpone_locked(struct credentials *credentials)
{
    int64_t now_ms = clock_wall_ms();
    int64_t left_ms = credentials->end_ms - now_ms;

    credentials->renew_ms = now_ms + least(PAUSE_MS, left_ms / 4 + 1);
    log_warning("the keys could not be renewed yet, and end in %lld s: %s",
                (long long)left_ms / 1000, credentials->failure.text);
}

/* The lock is not held while the sources are asked. */
static void renew_locked(struct credentials *credentials, const struct cancel *cancel)
{
    struct credentials_place place = credentials->place;
    struct error failure = { .kind = ERROR_NONE };
    struct key_set fresh = { 0 };
    bool ok;

    place.cancel = cancel;
    credentials->renewing = true;
    pthread_mutex_unlock(&credentials->lock);
    ok = fetch(&place, &fresh, &failure);
    pthread_mutex_lock(&credentials->lock);
    credentials->renewing = false;
    credentials->renewals++;
    credentials->failure = failure;
    if (ok)
        keep_locked(credentials, &fresh);
    else
        credentials_wipe(&fresh);
    if (!ok && are_usable_locked(credentials) && failure.kind != ERROR_CANCELLED)
        postpone_locked(credentials);
    pthread_cond_broadcast(&credentials->renewed);
}

static void wait_locked(struct credentials *credentials)
{
    int64_t until_ms = clock_monotonic_ms() + LOOK_MS;
    struct timespec until = { .tv_sec = until_ms / 1000, .tv_nsec = until_ms % 1000 * 1000000 };

    pthread_cond_timedwait(&credentials->renewed, &credentials->lock, &until);
}

/* Waits for keys that can be used, or gets them. */
static bool provide_locked(struct credentials *credentials, const struct cancel *cancel,
                           struct error *err)
{
    unsigned seen = credentials->renewals;

    while (!are_usable_locked(credentials)) {
        if (credentials->renewals != seen && credentials->failure.kind != ERROR_NONE &&
            credentials->failure.kind != ERROR_CANCELLED) {
            *err = credentials->failure;
            return false;
        }
        if (cancel_abandoned(cancel))
            return error_set(err, ERROR_CANCELLED, "Avmap.Interrupted", "interrupted");
        if (credentials->renewing)
            wait_locked(credentials);
        else
            renew_locked(credentials, cancel);
    }
    return true;
}

static void copy(struct key_set *to, const struct key_set *from)
{
    credentials_wipe(to);
    *to = *from;
    to->id = memory_copy_text(from->id);
    to->secret = memory_copy_text(from->secret);
    to->token = memory_copy_text(from->token);
}

bool credentials_update(struct credentials *credentials, const struct cancel *cancel,
                        struct key_set *keys, struct error *err)
{
    bool ok;

    pthread_mutex_lock(&credentials->lock);
    if (are_usable_locked(credentials) && are_due_locked(credentials) && !credentials->renewing)
        renew_locked(credentials, cancel);
    ok = provide_locked(credentials, cancel, err);
    if (ok && keys->version != credentials->keys.version)
        copy(keys, &credentials->keys);
    pthread_mutex_unlock(&credentials->lock);
    return ok;
}

void credentials_reject(struct credentials *credentials, const struct key_set *keys)
{
    pthread_mutex_lock(&credentials->lock);
    if (keys->version == credentials->keys.version)
        credentials->rejected = true;
    pthread_mutex_unlock(&credentials->lock);
}
