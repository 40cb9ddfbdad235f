/* SPDX-License-Identifier: MIT */

/*
 * Files of this machine that options name: filter scripts, and attachments for all results. They
 * are read once, while the options are.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>

#include "base/attributes.h"
#include "base/error.h"
#include "media/recipe_fields.h"

/* What is in the file, for free(). NULL with ERROR_USAGE naming the file. */
MUST_USE char *recipe_local_text(const char *path, struct error *err);

/* Keeps the file for all results. Fails with ERROR_USAGE naming it. */
bool recipe_local_attach(struct recipe_file *file, const char *path, struct error *err);
