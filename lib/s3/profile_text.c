/* SPDX-License-Identifier: MIT */

/* Splits a shared file into lines that mean something. */

#include "s3/profile_text.h"

#include <ctype.h>
#include <string.h>

#include "base/memory.h"

static const char white[] = " \t";

void profile_text_init(struct profile_text *text, const char *bytes)
{
    static const char byte_order_mark[] = "\xEF\xBB\xBF";

    if (strncmp(bytes, byte_order_mark, strlen(byte_order_mark)) == 0)
        bytes += strlen(byte_order_mark);
    *text = (struct profile_text){ .rest = bytes };
}

void profile_line_release(struct profile_line *line)
{
    memory_free_secret(line->name);
    memory_free_secret(line->value);
    memory_free_secret(line->text);
    *line = (struct profile_line){ 0 };
}

/* Cuts the white space off both ends, in place. */
static char *trim(char *text)
{
    size_t length;

    text += strspn(text, white);
    length = strlen(text);
    while (length > 0 && strchr(white, text[length - 1]))
        text[--length] = '\0';
    return text;
}

/* Cuts a comment off; inside of values "#" and ";" begin one only after white space. */
static char *without_comment(char *line, bool after_white_only)
{
    for (char *at = line; *at; at++) {
        bool free = !after_white_only || (at > line && strchr(white, at[-1]));

        if ((*at == '#' || *at == ';') && free) {
            *at = '\0';
            break;
        }
    }
    return trim(line);
}

static bool refuse(const struct profile_text *text, const char *problem, struct error *err)
{
    return error_set(err, ERROR_USAGE, "Avmap.Usage", "line %u: %s", text->number, problem);
}

static bool read_section(struct profile_text *text, char *line, struct profile_line *out,
                         struct error *err)
{
    char *end;

    line = without_comment(line, false);
    end = strchr(line, ']');
    if (!end || end[1])
        return refuse(text, "Profile definition must end with ']'", err);
    *end = '\0';
    out->kind = PROFILE_LINE_SECTION;
    out->name = memory_copy_text(trim(line + 1));
    text->in_section = true;
    text->in_setting = false;
    return true;
}

/* Of what is not nested Python's parser takes a colon for the sign, too; AWS's own names may have
 * one inside. */
static char *find_sign(char *line, bool nested)
{
    char *sign = strchr(line, '=');
    char *colon = nested ? NULL : strchr(line, ':');
    bool stands_alone = colon > line && (strchr(white, colon[1]) || strchr(white, colon[-1]));

    if (colon && (!sign || (colon < sign && stands_alone)))
        return colon;
    return sign;
}

/* Splits "name = value". */
static bool split(const struct profile_text *text, char *line, bool nested,
                  struct profile_line *out, struct error *err)
{
    char *sign = find_sign(line, nested);

    if (!sign)
        return refuse(text,
                      nested ? "Expected an '=' sign defining a sub-property"
                             : "Expected an '=' sign defining a property",
                      err);
    *sign = '\0';
    out->name = memory_copy_text(trim(line));
    out->value = memory_copy_text(trim(sign + 1));
    for (char *byte = out->name; *byte; byte++)
        *byte = (char)tolower((unsigned char)*byte);
    if (out->name[0])
        return true;
    return refuse(
        text, nested ? "Sub-property did not have a name" : "Property did not have a name", err);
}

static bool read_setting(struct profile_text *text, char *line, size_t indent,
                         struct profile_line *out, struct error *err)
{
    if (!text->in_section)
        return refuse(text, "Expected a profile definition", err);
    if (indent > 0 && !strpbrk(line, "=:"))
        return refuse(text, "Expected a property definition, found continuation", err);
    out->kind = PROFILE_LINE_SETTING;
    if (!split(text, without_comment(line, true), false, out, err))
        return false;
    text->in_setting = true;
    text->has_nested = !out->value[0];
    text->indent = indent;
    return true;
}

/* Comments are part of what goes on. */
static bool read_more(const struct profile_text *text, char *line, struct profile_line *out,
                      struct error *err)
{
    out->kind = text->has_nested ? PROFILE_LINE_NESTED : PROFILE_LINE_MORE;
    out->text = memory_copy_text(line);
    return !text->has_nested || split(text, without_comment(line, true), true, out, err);
}

static bool read_line(struct profile_text *text, char *raw, struct profile_line *out,
                      struct error *err)
{
    size_t indent = strspn(raw, white);
    char *line = trim(raw);

    if (!*line || *line == '#' || *line == ';')
        return true;
    if (text->in_setting && indent > text->indent)
        return read_more(text, line, out, err);
    if (*line == '[')
        return read_section(text, line, out, err);
    return read_setting(text, line, indent, out, err);
}

bool profile_text_next(struct profile_text *text, struct profile_line *line, struct error *err)
{
    bool ok = true;

    *line = (struct profile_line){ .kind = PROFILE_LINE_END };
    while (ok && line->kind == PROFILE_LINE_END && *text->rest) {
        size_t length = strcspn(text->rest, "\r\n");
        char *copy = memory_copy_bytes(text->rest, length);

        text->number++;
        ok = read_line(text, copy, line, err);
        memory_free_secret(copy);
        text->rest += length;
        text->rest += strncmp(text->rest, "\r\n", 2) == 0 ? 2 : *text->rest ? 1 : 0;
    }
    if (!ok)
        profile_line_release(line);
    return ok;
}
