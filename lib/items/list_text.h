/* SPDX-License-Identifier: MIT */

/*
 * The text of an item list, byte by byte, with the number of the line. The list is fetched into a
 * spool of its own that hardly takes memory, so its length does not matter, and unpacked (gzip,
 * Zstandard) as it is read. A byte order mark at its start is left out.
 * Threads: confined.
 */

#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "base/object.h"
#include "store/store.h"

struct list_text;

enum { LIST_TEXT_END = -1, LIST_TEXT_FAILED = -2 };

/*
 * Fetches the object. name is how messages call it, and is copied. md5, in hexadecimal, is what its
 * bytes must have; NULL: not known. Fails as store_fetch does, with the name in front.
 */
MUST_USE struct list_text *list_text_open(struct store *store, const struct object *object,
                                          const char *name, const char *md5, struct error *err);
void list_text_close(struct list_text *text);

/* The next byte, LIST_TEXT_END, or LIST_TEXT_FAILED with *err filled. */
int list_text_byte(struct list_text *text, struct error *err);

/* Puts bytes back before what comes next: the last ones that were taken. */
void list_text_put_back(struct list_text *text, const char *bytes, size_t size);

/* The line, from 1, that the next byte is in. */
uint64_t list_text_line(const struct list_text *text);

const char *list_text_name(const struct list_text *text);
