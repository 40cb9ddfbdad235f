/* SPDX-License-Identifier: MIT */

/* Items from JSON Lines and from an array in a JSON document. */

#include <stdlib.h>

#include "base/memory.h"
#include "items/item_entry.h"
#include "items/item_source.h"
#include "items/json_array.h"
#include "items/list_text.h"

struct json_source {
    struct item_source source; /* first, so that either pointer is the other */
    struct list_text *text;
    bool whole_document;
    struct json_element element;
};

static void fill(struct json_source *self, struct item *item)
{
    const struct json_element *element = &self->element;
    struct item_problem problem = { "it is over 1 MiB long" };

    *item = (struct item){ 0 };
    if (element->too_long ||
        !item_entry_read(element->text.bytes, element->text.size, item, &problem))
        item_set_problem(item, list_text_name(self->text), element->line, problem.text);
}

static bool next_element(struct item_source *source, struct item *item, bool *found,
                         struct error *err)
{
    struct json_source *self = (struct json_source *)source;

    *item = (struct item){ 0 };
    if (!json_array_next(self->text, self->whole_document, &self->element, found, err))
        return false;
    if (*found)
        fill(self, item);
    return true;
}

static bool next_line(struct item_source *source, struct item *item, bool *found, struct error *err)
{
    struct json_source *self = (struct json_source *)source;

    *item = (struct item){ 0 };
    if (!json_line_next(self->text, &self->element, found, err))
        return false;
    if (*found)
        fill(self, item);
    return true;
}

static void close_source(struct item_source *source)
{
    struct json_source *self = (struct json_source *)source;

    list_text_close(self->text);
    buffer_release(&self->element.text);
    free(self);
}

static struct json_source *open_source(const struct item_list *list, struct error *err)
{
    struct json_source *self = memory_new(1, sizeof(*self));
    const struct object object = { .key = (char *)list->key, /* only read */
                                   .needs_look_up = true };

    self->source.close = close_source;
    buffer_init(&self->element.text, JSON_ELEMENT_MAX);
    self->text = list_text_open(list->store, &object, list->name, NULL, err);
    if (self->text)
        return self;
    close_source(&self->source);
    return NULL;
}

struct item_source *items_from_jsonl(const struct item_list *list, struct error *err)
{
    struct json_source *self = open_source(list, err);

    if (!self)
        return NULL;
    self->source.next = next_line;
    return &self->source;
}

struct item_source *items_from_json(const struct item_list *list, struct error *err)
{
    const char *pointer = list->pointer ? list->pointer : "";
    struct json_source *self = open_source(list, err);

    if (!self)
        return NULL;
    self->source.next = next_element;
    self->whole_document = !pointer[0];
    if (json_array_enter(self->text, pointer, err))
        return &self->source;
    close_source(&self->source);
    return NULL;
}
