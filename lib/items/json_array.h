/* SPDX-License-Identifier: MIT */

/*
 * The elements of an array in a JSON document (RFC 8259), one at a time, however long the document
 * is. It only finds where each element begins and ends, so what is wrong inside of one costs that
 * one: a string ends at the end of its line at the latest, and an element at the next comma or
 * bracket outside of brackets.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "items/list_text.h"

enum { JSON_ELEMENT_MAX = 1024 * 1024 };

struct json_element {
    uint64_t line;      /* where it begins */
    bool too_long;      /* over JSON_ELEMENT_MAX bytes; text is only its beginning */
    struct buffer text; /* owned */
};

/*
 * Reads up to the first element of the array that pointer names (RFC 6901; "": the document).
 * Fails with ERROR_OBJECT, Avmap.BadList, when there is no such array.
 */
bool json_array_enter(struct list_text *text, const char *pointer, struct error *err);

/* *found is false at the end of the array; more text after a whole document is a failure. */
bool json_array_next(struct list_text *text, bool whole_document, struct json_element *element,
                     bool *found, struct error *err);

/* The next line that is not empty, where an element is a line (JSON Lines). */
bool json_line_next(struct list_text *text, struct json_element *element, bool *found,
                    struct error *err);
