/* SPDX-License-Identifier: MIT */

/*
 * The rows of CSV text. Fields may be quoted, also over several lines, with "" for a quote (RFC
 * 4180); a backslash before a backslash, quote or comma takes its meaning away and any other is
 * dropped, as Step Functions reads CSV (its user guide, "ItemReader (Map)"). Lines end in LF or
 * CRLF; empty ones are no rows. What is malformed costs its own line only.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "items/list_text.h"

enum { CSV_FIELDS_MAX = 64, CSV_ROW_MAX = 64 * 1024 };

struct csv_row {
    uint64_t line;                 /* where it begins */
    const char *problem;           /* why it is no row; NULL: it is one */
    unsigned count;                /* of fields; those past CSV_FIELDS_MAX are dropped */
    size_t starts[CSV_FIELDS_MAX]; /* in bytes */
    struct buffer bytes;           /* owned; the fields, each with a NUL */
    struct buffer raw;             /* owned; the row as it was read */
};

void csv_row_init(struct csv_row *row);
void csv_row_release(struct csv_row *row);

/* Fills *row and *found, false at the end. Fails as list_text_byte does. */
bool csv_row_read(struct csv_row *row, struct list_text *text, bool *found, struct error *err);

/* A field of the row; "" where the row has none. Borrowed until the next read. */
const char *csv_row_field(const struct csv_row *row, unsigned index);
