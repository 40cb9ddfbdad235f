/* SPDX-License-Identifier: MIT */

/* Names and whose they are. */

#include "run/name_claims.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/name_set.h"

struct name_claims {
    pthread_mutex_t lock;

    /* Guarded by lock. */
    struct name_set *names; /* each as "=NAME", and as "INDEX=NAME" to tell whose it is */
};

struct name_claims *name_claims_new(void)
{
    struct name_claims *claims = memory_new(1, sizeof(*claims));

    pthread_mutex_init(&claims->lock, NULL);
    claims->names = name_set_new();
    return claims;
}

void name_claims_free(struct name_claims *claims)
{
    if (!claims)
        return;
    name_set_free(claims->names);
    pthread_mutex_destroy(&claims->lock);
    free(claims);
}

/* *had: another item has it. */
static bool take_locked(struct name_claims *claims, const char *taken, const char *ours, bool *had,
                        struct error *err)
{
    bool again;

    if (!name_set_add(claims->names, taken, had, err))
        return false;
    if (!*had)
        return name_set_add(claims->names, ours, &again, err);
    *had = !name_set_has(claims->names, ours);
    return true;
}

bool name_claims_take(struct name_claims *claims, const char *name, uint64_t index,
                      struct error *err)
{
    char *taken = memory_format("=%s", name);
    char *ours = memory_format("%" PRIu64 "=%s", index, name);
    bool had = false;
    bool ok;

    pthread_mutex_lock(&claims->lock);
    ok = take_locked(claims, taken, ours, &had, err);
    pthread_mutex_unlock(&claims->lock);
    free(ours);
    free(taken);
    if (ok && had)
        return error_set(err, ERROR_OBJECT, "Avmap.NameCollision",
                         "another item of this run has a file called %s already; give each item a "
                         "folder of its own, as in --name '{dir}/{stem}/a.m3u8', or put {stem} "
                         "into the names that ffmpeg's options give",
                         name);
    return ok;
}
