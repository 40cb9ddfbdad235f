/* SPDX-License-Identifier: MIT */

/* Reads result files. */

#include "items/record_list.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "items/json_array.h"
#include "items/list_text.h"

struct record_list {
    struct list_text *text;
    bool is_array;
    struct json_element element;
};

/* A file that is not what the manifest saw is another run's, or was cut short. */
bool record_list_check(struct store *store, const char *key, uint64_t size, struct error *err)
{
    struct store_info info;
    uint64_t found_size;
    bool found;

    if (!store_stat(store, key, &info, &found, err))
        return false;
    if (!found)
        return error_set(err, ERROR_NOT_FOUND, "Avmap.BadManifest",
                         "%s, which the manifest lists, is not there", key);
    found_size = info.size;
    store_info_release(&info);
    return found_size == size || error_set(err, ERROR_OBJECT, "Avmap.BadManifest",
                                           "%s has %" PRIu64 " bytes and not %" PRIu64
                                           " as the manifest says; it was replaced or cut short",
                                           key, found_size, size);
}

/* An array begins with a bracket, and a line with an object. */
static bool enter(struct record_list *list, struct error *err)
{
    char one;
    int byte = list_text_byte(list->text, err);

    if (byte == LIST_TEXT_FAILED)
        return false;
    if (byte == LIST_TEXT_END)
        return true;
    one = (char)byte;
    list->is_array = byte == '[';
    list_text_put_back(list->text, &one, 1);
    return !list->is_array || json_array_enter(list->text, "", err);
}

struct record_list *record_list_open(struct store *store, const char *key, struct error *err)
{
    const struct object object = { .key = (char *)key, /* only read */
                                   .needs_look_up = true };
    struct record_list *list = memory_new(1, sizeof(*list));

    buffer_init(&list->element.text, JSON_ELEMENT_MAX);
    list->text = list_text_open(store, &object, key, NULL, err);
    if (list->text && enter(list, err))
        return list;
    record_list_close(list);
    return NULL;
}

void record_list_close(struct record_list *list)
{
    if (!list)
        return;
    list_text_close(list->text);
    buffer_release(&list->element.text);
    free(list);
}

static json_t *parse(const struct json_element *element, struct item_problem *problem)
{
    json_error_t reason;
    json_t *record;

    if (element->too_long) {
        *problem = (struct item_problem){ "it is over 1 MiB long" };
        return NULL;
    }
    record = json_loadb(element->text.bytes, element->text.size, 0, &reason);
    if (json_is_object(record))
        return record;
    snprintf(problem->text, sizeof(problem->text), "it is no record: %s",
             record ? "no JSON object" : reason.text);
    json_decref(record);
    return NULL;
}

bool record_list_next(struct record_list *list, json_t **record, struct item_problem *problem,
                      bool *found, struct error *err)
{
    bool ok = list->is_array ? json_array_next(list->text, true, &list->element, found, err)
                             : json_line_next(list->text, &list->element, found, err);

    *record = ok && *found ? parse(&list->element, problem) : NULL;
    return ok;
}

uint64_t record_list_line(const struct record_list *list)
{
    return list->element.line;
}
