/* SPDX-License-Identifier: MIT */

/* Finds the elements of a JSON array. */

#include "items/json_array.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"

static bool is_space(int byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static bool refuse(const struct list_text *text, struct error *err, const char *what)
{
    return error_set(err, ERROR_OBJECT, "Avmap.BadList", "%s, line %llu: %s", list_text_name(text),
                     (unsigned long long)list_text_line(text), what);
}

/* The next byte that is no white space, or as list_text_byte. */
static int next_token(struct list_text *text, struct error *err)
{
    int byte;

    do {
        byte = list_text_byte(text, err);
    } while (is_space(byte));
    return byte;
}

static void put_back(struct list_text *text, int byte)
{
    char one = (char)byte;

    list_text_put_back(text, &one, 1);
}

static void keep(struct buffer *to, int byte)
{
    char one = (char)byte;

    if (to)
        buffer_append(to, &one, 1);
}

/*
 * Reads a value up to the comma or bracket behind it, which is put back; into to, unless that is
 * NULL. False only when reading fails or the text ends.
 */
static bool read_value(struct list_text *text, struct buffer *to, struct error *err)
{
    bool in_string = false;
    bool escaped = false;
    uint64_t depth = 0;

    for (;;) {
        int byte = list_text_byte(text, err);

        if (byte == LIST_TEXT_FAILED)
            return false;
        if (byte == LIST_TEXT_END)
            return refuse(text, err, "the list ends inside of its array");
        if (in_string) {
            in_string = (byte != '"' || escaped) && byte != '\n';
            escaped = byte == '\\' && !escaped;
        } else if (byte == '"') {
            in_string = true;
            escaped = false;
        } else if (depth == 0 && (byte == ',' || byte == ']' || byte == '}')) {
            put_back(text, byte);
            return true;
        } else if (byte == '[' || byte == '{') {
            depth++;
        } else if (byte == ']' || byte == '}') {
            depth--;
        }
        keep(to, byte);
    }
}

/* The part of a pointer up to its next "/", with ~1 and ~0 undone; the caller frees it. */
static char *next_part(const char **pointer)
{
    size_t length = strcspn(*pointer, "/");
    char *part = memory_copy_bytes(*pointer, length);
    char *out = part;

    for (const char *at = part; *at; at++) {
        bool escape = *at == '~' && (at[1] == '0' || at[1] == '1');

        *out++ = (char)(escape ? (at[1] == '1' ? '/' : '~') : *at);
        at += escape;
    }
    *out = '\0';
    *pointer += length;
    return part;
}

/* Reads a member's name and colon; "" escapes in names are only undone as far as \" and \\. */
static bool read_name(struct list_text *text, struct buffer *name, struct error *err)
{
    int byte;

    buffer_clear(name);
    for (byte = list_text_byte(text, err); byte >= 0 && byte != '"' && byte != '\n';
         byte = list_text_byte(text, err)) {
        if (byte == '\\')
            byte = list_text_byte(text, err);
        keep(name, byte);
    }
    if (byte == '"')
        byte = next_token(text, err);
    if (byte == LIST_TEXT_FAILED)
        return false;
    return byte == ':' || refuse(text, err, "a name and a colon are expected here");
}

/* Inside of an object, goes to the value of the member. */
static bool enter_member(struct list_text *text, const char *wanted, struct error *err)
{
    struct buffer name;
    bool ok = false;

    buffer_init(&name, JSON_ELEMENT_MAX);
    for (;;) {
        int byte = next_token(text, err);

        if (byte == ',')
            continue;
        if (byte == LIST_TEXT_FAILED)
            break;
        if (byte != '"') {
            refuse(text, err, "the items pointer names nothing in it");
            break;
        }
        if (!read_name(text, &name, err))
            break;
        ok = strcmp(name.bytes, wanted) == 0;
        if (ok || !read_value(text, NULL, err))
            break;
    }
    buffer_release(&name);
    return ok;
}

/* Inside of an array, goes to the element with that number. */
static bool enter_element(struct list_text *text, const char *wanted, struct error *err)
{
    uint64_t left;

    if (!number_parse_count(wanted, INT64_MAX, &left))
        return refuse(text, err, "the items pointer has a name where an array's number belongs");
    while (left-- > 0) {
        int byte;

        if (!read_value(text, NULL, err))
            return false;
        byte = list_text_byte(text, err);
        if (byte == LIST_TEXT_FAILED)
            return false;
        if (byte != ',')
            return refuse(text, err, "the items pointer names nothing in it");
    }
    return true;
}

static bool enter_part(struct list_text *text, const char *part, struct error *err)
{
    int byte = next_token(text, err);

    if (byte == LIST_TEXT_FAILED)
        return false;
    if (byte == '{')
        return enter_member(text, part, err);
    if (byte == '[')
        return enter_element(text, part, err);
    return refuse(text, err, "the items pointer goes on where nothing is below it");
}

bool json_array_enter(struct list_text *text, const char *pointer, struct error *err)
{
    bool ok = true;
    int byte;

    if (pointer[0] && pointer[0] != '/')
        return error_set(err, ERROR_USAGE, "Avmap.Usage",
                         "--items-pointer: \"%s\" does not begin with /", pointer);
    while (ok && *pointer == '/') {
        char *part;

        pointer++;
        part = next_part(&pointer);
        ok = enter_part(text, part, err);
        free(part);
    }
    if (!ok)
        return false;
    byte = next_token(text, err);
    if (byte == LIST_TEXT_FAILED)
        return false;
    return byte == '[' ||
           refuse(text, err,
                  "no array begins here; --items-pointer says where in a document one is, "
                  "and jsonl is for an entry a line");
}

static bool end_array(struct list_text *text, bool whole_document, struct error *err)
{
    int byte = whole_document ? next_token(text, err) : LIST_TEXT_END;

    if (byte == LIST_TEXT_FAILED)
        return false;
    return byte == LIST_TEXT_END ||
           refuse(text, err, "there is more text after the array; is it jsonl?");
}

bool json_array_next(struct list_text *text, bool whole_document, struct json_element *element,
                     bool *found, struct error *err)
{
    int byte = next_token(text, err);

    *found = false;
    if (byte == LIST_TEXT_FAILED)
        return false;
    if (byte == ']')
        return end_array(text, whole_document, err);
    if (byte == LIST_TEXT_END)
        return refuse(text, err, "the list ends inside of its array");
    put_back(text, byte);
    element->line = list_text_line(text);
    buffer_clear(&element->text);
    if (!read_value(text, &element->text, err))
        return false;
    byte = list_text_byte(text, err);
    if (byte == ']')
        put_back(text, byte); /* for the next call */
    element->too_long = element->text.overflowed;
    *found = true;
    return byte != LIST_TEXT_FAILED;
}

bool json_line_next(struct list_text *text, struct json_element *element, bool *found,
                    struct error *err)
{
    bool blank = true;
    int byte;

    buffer_clear(&element->text);
    element->line = list_text_line(text);
    for (byte = list_text_byte(text, err); byte >= 0 && !(byte == '\n' && !blank);
         byte = list_text_byte(text, err)) {
        blank = blank && is_space(byte);
        if (byte == '\n')
            element->line = list_text_line(text);
        else if (!blank)
            keep(&element->text, byte);
    }
    element->too_long = element->text.overflowed;
    *found = !blank;
    return byte != LIST_TEXT_FAILED;
}
