/* SPDX-License-Identifier: MIT */

/*
 * What to do about a result that is there already.
 *
 * Each result carries the version of its source and the fingerprint of its recipe, so that the same
 * line run again is resume, retry and nightly sync in one.
 * Threads: immutable once it is set up: nothing_is_there is known after existing_init.
 */

#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/object.h"
#include "store/store.h"

enum if_exists {
    IF_EXISTS_UPDATE,    /* keep it when it is of the same source and recipe, else remake it */
    IF_EXISTS_OVERWRITE, /* remake it without a look */
    IF_EXISTS_SKIP,      /* keep it, whatever it is of */
    IF_EXISTS_FAIL,      /* fail the item */
};

enum { EXISTING_RECIPE_SIZE = 65 }; /* a SHA-256 in hexadecimal digits, and NUL */

struct existing {
    enum if_exists rule;
    bool nothing_is_there;             /* the destination was empty at the start: no need to ask */
    char recipe[EXISTING_RECIPE_SIZE]; /* fingerprint, hexadecimal */
};

/* words are all of ffmpeg's options; with libav's versions they are all that changes bytes. */
void existing_init(struct existing *existing, enum if_exists rule, char *const *words,
                   size_t count);

/* What names the version of a source: its ETag, or size and time for a file. */
void existing_source_version(const struct object *object, char *out, size_t size);

/*
 * What a result of several files carries instead of the recipe in all of them but the one at key
 * last, so that only that one tells of a complete result, and each tells of which it is.
 */
void existing_member_note(const char *recipe, const char *last, char out[EXISTING_RECIPE_SIZE]);

/*
 * Asks the destination, if it must. key NULL: the result's name is not known before, so it is made.
 * *kept is why the result stays as it is, NULL when it is to be made; borrowed. Fails as store_stat
 * does, and with Avmap.AlreadyExists.
 */
bool existing_judge(const struct existing *existing, struct store *destination, const char *key,
                    const struct object *source, const char **kept, struct error *err);
