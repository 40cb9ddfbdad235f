/* SPDX-License-Identifier: MIT */

/*
 * How many files a recipe makes of one item, and what they are called: muxers such as hls, segment
 * and image2 choose names by themselves, from the result's name and from options.
 * Threads: safe.
 */

#pragma once

#include <stdbool.h>

#include "base/attributes.h"
#include "base/error.h"
#include "media/recipe.h"

/* An option of a muxer that names files. */
struct recipe_name_option {
    const char *name;
    bool is_whole; /* the muxer opens it as it stands, not beside the result */
    bool numbers;  /* a "%" in it is replaced by the muxer */
};

/* Ends with name NULL. */
extern const struct recipe_name_option recipe_name_options[];

/*
 * Whether the muxer's own name, or one that it writes into, may be used: relative, and not out of
 * the result's folder. NULL: it may; else why not.
 */
const char *recipe_name_problem(const char *name);

/* Whether a name begins as an address does, such as file: or https:. */
bool recipe_name_has_scheme(const char *name);

/* value with {stem} replaced by that of the source's key; "%" in it are doubled when they count. */
MUST_USE char *recipe_expand_stem(const char *value, const char *source, bool numbers);

/* Refuses what such a muxer would do outside of the result. Fails with ERROR_USAGE. */
bool recipe_check_names(const struct recipe *recipe, struct error *err);
