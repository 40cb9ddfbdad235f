/* SPDX-License-Identifier: MIT */

/* Reads CSV. */

#include "items/csv_rows.h"

#include <string.h>

enum place {
    FIELD_BEGINS,
    IN_PLAIN,     /* in a field without quotes */
    IN_QUOTES,    /* in one with quotes */
    QUOTES_ENDED, /* behind a quote that ends the field, unless another one follows */
};

void csv_row_init(struct csv_row *row)
{
    *row = (struct csv_row){ 0 };
    buffer_init(&row->bytes, CSV_ROW_MAX + CSV_FIELDS_MAX);
    buffer_init(&row->raw, CSV_ROW_MAX);
}

void csv_row_release(struct csv_row *row)
{
    buffer_release(&row->bytes);
    buffer_release(&row->raw);
}

const char *csv_row_field(const struct csv_row *row, unsigned index)
{
    return index < row->count ? row->bytes.bytes + row->starts[index] : "";
}

static void begin_field(struct csv_row *row)
{
    if (row->count < CSV_FIELDS_MAX)
        row->starts[row->count] = row->bytes.size;
    row->count++;
}

static void keep(struct csv_row *row, int byte)
{
    char one = (char)byte;

    if (row->count <= CSV_FIELDS_MAX)
        buffer_append(&row->bytes, &one, 1);
}

/* What one byte means; returns where the reader is behind it. */
static enum place take(struct csv_row *row, enum place place, int byte, bool escaped)
{
    if (byte == '\0')
        row->problem = "it has a NUL byte";
    if (escaped) {
        keep(row, byte);
        return place == FIELD_BEGINS ? IN_PLAIN : place;
    }
    if (byte == '"' && place == FIELD_BEGINS)
        return IN_QUOTES;
    if (byte == '"' && place == IN_QUOTES)
        return QUOTES_ENDED;
    if (byte == '"' && place == QUOTES_ENDED) {
        keep(row, byte);
        return IN_QUOTES;
    }
    if (byte == ',' && place != IN_QUOTES) {
        keep(row, '\0');
        begin_field(row);
        return FIELD_BEGINS;
    }
    if (place == QUOTES_ENDED && byte != '\r')
        row->problem = "text follows a closing quote";
    if (place != QUOTES_ENDED)
        keep(row, byte);
    return place == FIELD_BEGINS ? IN_PLAIN : place;
}

static bool skip_line(struct list_text *text, struct error *err)
{
    int byte;

    do {
        byte = list_text_byte(text, err);
    } while (byte >= 0 && byte != '\n');
    return byte != LIST_TEXT_FAILED;
}

/* Goes back behind the first line of what was read, so that it alone is lost. */
static bool give_up(struct csv_row *row, struct list_text *text, const char *problem,
                    struct error *err)
{
    const char *end = memchr(row->raw.bytes, '\n', row->raw.size);

    row->problem = problem;
    if (!end)
        return skip_line(text, err);
    end++;
    list_text_put_back(text, end, (size_t)(row->raw.bytes + row->raw.size - end));
    return true;
}

/* A CR before the LF belongs to the line end. */
static void end_row(struct csv_row *row, enum place place)
{
    size_t size = row->bytes.size;

    if (place == IN_PLAIN && row->count <= CSV_FIELDS_MAX && size > row->starts[row->count - 1] &&
        row->bytes.bytes[size - 1] == '\r')
        row->bytes.bytes[size - 1] = '\0';
    keep(row, '\0');
    if (row->count > CSV_FIELDS_MAX)
        row->count = CSV_FIELDS_MAX;
}

static bool is_empty(const struct csv_row *row)
{
    return row->raw.size == 0 || (row->raw.size == 1 && row->raw.bytes[0] == '\r');
}

static const char *too_long(enum place place)
{
    return place == IN_QUOTES ? "a quote is not closed within 64 KiB" : "it is over 64 KiB long";
}

/* Reads to the end of one row. *ended: of the text. */
static bool read_row(struct csv_row *row, struct list_text *text, bool *ended, struct error *err)
{
    enum place place = FIELD_BEGINS;
    bool escaped = false;

    begin_field(row);
    for (;;) {
        int byte = list_text_byte(text, err);
        char one = (char)byte;
        bool escapes;

        if (byte == LIST_TEXT_FAILED)
            return false;
        *ended = byte == LIST_TEXT_END;
        if (place == IN_QUOTES && *ended)
            return give_up(row, text, "a quote is not closed", err);
        if (*ended || (byte == '\n' && place != IN_QUOTES))
            break;
        if (!buffer_append(&row->raw, &one, 1)) {
            list_text_put_back(text, &one, 1);
            return give_up(row, text, too_long(place), err);
        }
        escapes = byte == '\\' && !escaped && place != QUOTES_ENDED;
        if (!escapes)
            place = take(row, place, byte, escaped);
        else if (place == FIELD_BEGINS)
            place = IN_PLAIN;
        escaped = escapes;
        if (row->problem)
            return give_up(row, text, row->problem, err);
    }
    end_row(row, place);
    return true;
}

bool csv_row_read(struct csv_row *row, struct list_text *text, bool *found, struct error *err)
{
    bool ended = false;

    do {
        buffer_clear(&row->bytes);
        buffer_clear(&row->raw);
        row->count = 0;
        row->problem = NULL;
        row->line = list_text_line(text);
        if (!read_row(row, text, &ended, err))
            return false;
    } while (!ended && is_empty(row));
    *found = row->problem || !is_empty(row);
    return true;
}
