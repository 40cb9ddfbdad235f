/* SPDX-License-Identifier: MIT */

/*
 * Options as they stand on a command line, put into the recipe: each is looked up in the table of
 * recipe_options, or handed to libav's own.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "media/recipe_fields.h"

/* What options are put into: those of a file, and what is global. */
struct recipe_target {
    struct recipe *recipe;
    struct recipe_file *file;
    enum recipe_scope scope; /* on which side of -i they stand */
};

/* Fails with ERROR_USAGE naming the option and, where one is near, the known one. */
bool recipe_apply(struct recipe_target *to, char *const *words, size_t count, struct error *err);
