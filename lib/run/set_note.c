/* SPDX-License-Identifier: MIT */

/* Writes and reads notes about the files of a result. */

#include "run/set_note.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/file_set.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/percent.h"
#include "run/numbered_name.h"
#include "store/store_find.h"

struct names {
    char **keys; /* owned */
    size_t count;
};

static void release(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->keys[i]);
    free(names->keys);
}

static int by_number(const void *one, const void *other)
{
    return numbered_name_compare(*(char *const *)one, *(char *const *)other);
}

static size_t folder_length(const char *key)
{
    const char *slash = strrchr(key, '/');

    return slash ? (size_t)(slash + 1 - key) : 0;
}

/* How many of the names, from the first on, are numbered one after the other. */
static size_t row_length(char *const *keys, size_t count)
{
    size_t length = 1;
    bool goes_on = true;

    while (goes_on && length < count) {
        char *next = numbered_name_next(keys[length - 1]);

        goes_on = next && strcmp(next, keys[length]) == 0;
        length += goes_on;
        free(next);
    }
    return length;
}

char *set_note_make(const char *last, char **keys, size_t count, uint64_t bytes)
{
    size_t folder = folder_length(last);
    struct buffer note;
    size_t row;

    if (count > 0)
        qsort(keys, count, sizeof(*keys), by_number);
    buffer_init(&note, SET_NOTE_MAX - 1);
    buffer_append_format(&note, "%" PRIu64, bytes);
    for (size_t i = 0; i < count && !note.overflowed; i += row) {
        row = row_length(keys + i, count - i);
        buffer_append_text(&note, " ");
        percent_encode(&note, keys[i] + folder, PERCENT_KEEP_PATH);
        if (row > 1)
            buffer_append_format(&note, "*%zu", row);
    }
    if (!note.overflowed)
        return buffer_take(&note);
    buffer_release(&note);
    return NULL;
}

/* Takes ownership of key. */
static void add(struct names *names, char *key)
{
    names->keys = memory_grow(names->keys, names->count + 1, sizeof(*names->keys));
    names->keys[names->count++] = key;
}

/* "a-001.wav*2" below the folder of last. */
static bool add_row(struct names *names, const char *last, char *row)
{
    char *star = strchr(row, '*');
    uint64_t count = 1;
    bool ok;

    if (star)
        *star = '\0';
    ok = (!star || number_parse_count(star + 1, FILE_SET_MAX, &count)) &&
         percent_decode(row, false) && *row && count > 0;
    if (ok)
        add(names, memory_format("%.*s%s", (int)folder_length(last), last, row));
    for (uint64_t i = 1; ok && i < count; i++) {
        char *next = numbered_name_next(names->keys[names->count - 1]);

        ok = next && names->count < FILE_SET_MAX;
        if (ok)
            add(names, next);
        else
            free(next);
    }
    return ok;
}

static bool read_note(const char *note, const char *last, struct names *names, uint64_t *bytes)
{
    char *copy = memory_copy_text(note);
    char *rest = NULL;
    const char *sum = strtok_r(copy, " ", &rest);
    bool ok = sum && number_parse_count(sum, UINT64_MAX, bytes);

    for (char *row; ok && (row = strtok_r(NULL, " ", &rest));)
        ok = add_row(names, last, row);
    free(copy);
    return ok;
}

bool set_note_is_true(const char *note, const char *last, struct store *store, bool *is_true,
                      struct error *err)
{
    struct names names = { 0 };
    struct store_found found = { 0 };
    uint64_t bytes = 0;
    bool is_read = read_note(note, last, &names, &bytes);
    bool ok = !is_read || store_find(store, names.keys, names.count, &found, err);

    *is_true = ok && is_read && found.count == names.count && found.bytes == bytes;
    release(&names);
    if (ok || (err->kind != ERROR_DENIED && err->kind != ERROR_OBJECT))
        return ok;
    /* Who may not list has to trust the note; a name that no file can have is nobody's. */
    *is_true = err->kind == ERROR_DENIED;
    return true;
}
