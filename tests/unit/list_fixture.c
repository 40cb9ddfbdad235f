/* SPDX-License-Identifier: MIT */

#include "list_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "scratch.h"

static void print(struct buffer *text, const struct item *item)
{
    const struct object *object = &item->object;

    if (item->problem) {
        buffer_append_format(text, "%s! %s\n", strrchr(object->key, ':') + 1, item->problem);
        return;
    }
    if (object->bucket)
        buffer_append_format(text, "%s/", object->bucket);
    buffer_append_text(text, object->key);
    if (object->version_id)
        buffer_append_format(text, "?%s", object->version_id);
    if (!object->size_unknown)
        buffer_append_format(text, " %llu", (unsigned long long)object->size);
    if (object->etag)
        buffer_append_format(text, " %s", object->etag);
    if (object->modified_ms)
        buffer_append_format(text, " @%lld", (long long)object->modified_ms);
    buffer_append_text(text, "\n");
}

static void print_all(struct buffer *text, struct item_source *source)
{
    bool found = true;

    while (found) {
        struct error err;
        struct item item;

        memset(&item, 0xa5, sizeof(item)); /* whatever the caller's memory held */
        if (!source->next(source, &item, &found, &err)) {
            buffer_append_format(text, "ERROR: %s\n", err.text);
            return;
        }
        if (found)
            print(text, &item);
        item_release(&item);
    }
}

char *list_fixture_read(enum items_format format, const char *key, const char *pointer)
{
    struct location place;
    struct error err;
    struct store *store;
    struct item_list list = { .key = key, .pointer = pointer };
    struct item_source *source;
    struct buffer text;
    char *name;

    buffer_init(&text, SIZE_MAX);
    assert_true(location_parse(scratch_path(), &place, &err));
    store = store_open(&place, NULL, NULL, false, &err);
    assert_non_null(store);
    name = location_url(&place, key);
    list.store = store;
    list.name = name;
    source = items_from_list(format, &list, &err);
    if (source) {
        print_all(&text, source);
        source->close(source);
    } else {
        buffer_append_format(&text, "ERROR: %s\n", err.text);
    }
    store_close(store);
    location_release(&place);
    free(name);
    return buffer_take(&text);
}

void list_fixture_check(const char *name, enum items_format format, const char *pointer,
                        const void *bytes, size_t size, const char *expected)
{
    char *read;
    char *found;

    scratch_bytes("list", bytes, size);
    read = list_fixture_read(format, "list", pointer);
    found = strstr(read, scratch_path());
    while (found) { /* the folder has a name of its own each time */
        memmove(found, found + strlen(scratch_path()), strlen(found + strlen(scratch_path())) + 1);
        found = strstr(read, scratch_path());
    }
    if (strcmp(read, expected) != 0)
        fail_msg("%s:\n%sexpected:\n%s", name, read, expected);
    free(read);
}
