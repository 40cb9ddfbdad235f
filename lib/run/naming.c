/* SPDX-License-Identifier: MIT */

/* Expands name templates. */

#include "run/naming.h"

#include <stdint.h>
#include <string.h>

#include "base/buffer.h"

static const char *const fields[] = { "{key}", "{path}", "{dir}", "{stem}", "{ext}", "{index}" };

enum field { FIELD_KEY, FIELD_PATH, FIELD_DIR, FIELD_STEM, FIELD_EXT, FIELD_INDEX, FIELD_NONE };

/* The field that text begins with. */
static enum field field_at(const char *text)
{
    int field = FIELD_KEY;

    while (field < FIELD_NONE && strncmp(text, fields[field], strlen(fields[field])) != 0)
        field++;
    return (enum field)field;
}

bool naming_check(const struct naming *naming, struct error *err)
{
    for (const char *at = naming->template; *at; at++) {
        if (*at == '{' && field_at(at) == FIELD_NONE)
            return error_set(err, ERROR_USAGE, "Avmap.Usage",
                             "--name: \"%s\" begins with none of {key} {path} {dir} {stem} {ext} "
                             "{index}",
                             at);
    }
    return true;
}

/* Several fields side by side could run into each other: "1" and "23", or "12" and "3". */
bool naming_is_unique(const struct naming *naming)
{
    unsigned unique = 0;
    unsigned count = 0;

    for (const char *at = naming->template; *at; at++) {
        enum field field = field_at(at);

        count += field != FIELD_NONE;
        unique += field == FIELD_KEY || field == FIELD_PATH || field == FIELD_INDEX;
    }
    return unique == 1 && count == 1;
}

bool naming_has_folders(const struct naming *naming)
{
    const char *slash = strrchr(naming->template, '/');
    const char *end = strchr(naming->suffix, '/') ? naming->template + strlen(naming->template)
                      : slash                     ? slash
                                                  : naming->template;

    for (const char *at = naming->template; at < end; at++) {
        enum field field = field_at(at);

        if (field != FIELD_NONE && field != FIELD_DIR && field != FIELD_EXT)
            return true;
    }
    return false;
}

const char *naming_relative_path(const struct location *source, const char *key)
{
    const char *slash = strrchr(source->prefix, '/');
    size_t stripped = slash ? (size_t)(slash + 1 - source->prefix) : 0;

    return strncmp(key, source->prefix, stripped) == 0 ? key + stripped : key;
}

static void append(struct buffer *name, bool doubles, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        buffer_append(name, text + i, 1);
        if (doubles && text[i] == '%')
            buffer_append(name, "%", 1);
    }
}

static void expand_field(struct buffer *name, bool doubles, enum field field, const char *path,
                         const struct item *item)
{
    const char *slash = strrchr(path, '/');
    const char *last = slash ? slash + 1 : path;
    const char *dot = strrchr(last, '.');
    bool has_extension = dot && dot > last;

    switch (field) {
    case FIELD_KEY:
        append(name, doubles, item->object.key, strlen(item->object.key));
        break;
    case FIELD_PATH:
        append(name, doubles, path, strlen(path));
        break;
    case FIELD_DIR:
        append(name, doubles, path, slash ? (size_t)(slash - path) : 0);
        break;
    case FIELD_STEM:
        append(name, doubles, last, has_extension ? (size_t)(dot - last) : strlen(last));
        break;
    case FIELD_EXT:
        append(name, doubles, has_extension ? dot + 1 : "", has_extension ? strlen(dot + 1) : 0);
        break;
    case FIELD_INDEX:
        buffer_append_format(name, "%llu", (unsigned long long)item->index);
        break;
    case FIELD_NONE:
        break;
    }
}

char *naming_expand(const struct naming *naming, const struct location *source,
                    const struct item *item)
{
    const char *path = naming_relative_path(source, item->object.key);
    const char *at = naming->template;
    struct buffer name;

    buffer_init(&name, SIZE_MAX);
    while (*at) {
        enum field field = field_at(at);

        if (field == FIELD_NONE) {
            buffer_append(&name, at++, 1);
            continue;
        }
        expand_field(&name, naming->is_pattern, field, path, item);
        at += strlen(fields[field]);
        /* Where there are no folders, the slash that would follow them goes too. */
        if (field == FIELD_DIR && !strchr(path, '/') && *at == '/')
            at++;
    }
    buffer_append_text(&name, naming->suffix);
    return buffer_take(&name);
}
