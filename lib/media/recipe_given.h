/* SPDX-License-Identifier: MIT */

/*
 * One option as it was given.
 * Threads: safe.
 */

#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "media/recipe_options.h"

/* All borrowed. */
struct recipe_given {
    const struct recipe_option *option;
    const char *word; /* without the dash, with its specifier */
    const char *specifier;
    const char *value;
};

/* Sets *err to ERROR_USAGE with the option, its value and why. False. */
bool recipe_given_refuse(struct error *err, const struct recipe_given *given, const char *why);

/* The same; near, NULL or a name that may have been meant, is added. */
bool recipe_given_refuse_name(struct error *err, const struct recipe_given *given, const char *why,
                              const char *near);

/* The number that the option takes, checked; 1 where it takes none. */
bool recipe_given_number(const struct recipe_given *given, double *number, struct error *err);

/* What an old name says of its stream; -qscale alone means pictures. */
const char *recipe_given_specifier(const struct recipe_given *given);
