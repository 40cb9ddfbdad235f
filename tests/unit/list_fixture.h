/* SPDX-License-Identifier: MIT */

/*
 * Reads all items of a list in the scratch folder.
 * Threads: the test's.
 */

#pragma once

#include <stddef.h>

#include "base/attributes.h"
#include "items/item_source.h"

/*
 * A line an item: "key", "bucket/key", "key?version", "key 12" with a known size; "LINE! problem"
 * for what is none; and last "ERROR: text" when the list could not be read to its end. For free().
 */
MUST_USE char *list_fixture_read(enum items_format format, const char *key, const char *pointer);

/* The same for a list with these bytes. Fails the test, calling it name, unless it gives expected.
 */
void list_fixture_check(const char *name, enum items_format format, const char *pointer,
                        const void *bytes, size_t size, const char *expected);
