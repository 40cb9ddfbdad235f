/* SPDX-License-Identifier: MIT */

/*
 * The name of an item's result below the destination: a template, then a suffix as it stands.
 *   {key}    the item's whole key          {stem}   its last part without the extension
 *   {path}   the key relative to SOURCE    {ext}    the extension without its dot
 *   {dir}    the folders of {path}         {index}  the item's number, from 0
 * SOURCE counts up to its last "/", so s3://b/a/pre gives a/prefix.wav the path prefix.wav.
 * Threads: immutable.
 */

#pragma once

#include <stdbool.h>

#include "base/attributes.h"
#include "base/error.h"
#include "items/item.h"
#include "store/location.h"

struct naming {
    const char *template;
    const char *suffix; /* "" for none */
    bool is_pattern;    /* a "%" in it counts files, so those of items' names are doubled */
};

/* Checks the template's fields. Fails with ERROR_USAGE. */
bool naming_check(const struct naming *naming, struct error *err);

/* Whether two different keys can never get the same name. */
bool naming_is_unique(const struct naming *naming);

/* Whether the rule puts each item's results into a folder named after the item. */
bool naming_has_folders(const struct naming *naming);

/* The part of key that {path} stands for; borrowed from key. */
const char *naming_relative_path(const struct location *source, const char *key);

/* The name; the caller frees it. naming was checked. */
MUST_USE char *naming_expand(const struct naming *naming, const struct location *source,
                             const struct item *item);
