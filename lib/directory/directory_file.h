/* SPDX-License-Identifier: MIT */

/*
 * One file below a root folder, read where it is.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>

#include "base/attributes.h"
#include "base/error.h"
#include "base/object.h"
#include "base/reader.h"

struct directory_file;

/*
 * The file must be regular and have the listed size and time, else ERROR_OBJECT, File.Changed. No
 * link is followed. object is borrowed until it is closed. NULL: failed.
 */
MUST_USE struct directory_file *directory_file_open(int root, const struct object *object,
                                                    struct error *err);

/* Reads fail with ERROR_OBJECT: File.Changed when the file has become shorter. */
struct reader directory_file_reader(struct directory_file *file);

/* Whether size and time are still the listed ones, after all has been read; else as when opened. */
bool directory_file_check(const struct directory_file *file, struct error *err);

/* NULL is fine. */
void directory_file_close(struct directory_file *file);
