/* SPDX-License-Identifier: MIT */

/* Items from the CSV manifests of S3 Batch Operations ("Specifying a manifest", S3 user guide). */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/percent.h"
#include "items/csv_rows.h"
#include "items/item_entry.h"
#include "items/item_source.h"
#include "items/list_text.h"

struct csv_source {
    struct item_source source; /* first, so that either pointer is the other */
    struct list_text *text;
    struct csv_row row;
};

/* The format has none, but programs that write tables write one; no "key" in "bucket" is meant. */
static bool is_header(const struct csv_row *row)
{
    return row->line == 1 && strcasecmp(csv_row_field(row, 0), "bucket") == 0 &&
           strcasecmp(csv_row_field(row, 1), "key") == 0;
}

static char *text_of(const char *field)
{
    return field[0] ? memory_copy_text(field) : NULL;
}

static bool fill(const struct csv_row *row, struct item *item, struct item_problem *problem)
{
    struct object *object = &item->object;

    if (row->problem || row->count < 2) {
        *problem = (struct item_problem){ "it has one column; Bucket,Key is wanted" };
        if (row->problem)
            snprintf(problem->text, sizeof(problem->text), "%s", row->problem);
        return false;
    }
    object->bucket = text_of(csv_row_field(row, 0)); /* reports of folders have none */
    object->key = memory_copy_text(csv_row_field(row, 1));
    object->version_id = text_of(csv_row_field(row, 2));
    object->size_unknown = object->needs_look_up = true;
    /* As in inventories, whose rows are taken for such lists too. */
    if (!percent_decode(object->key, true)) {
        *problem = (struct item_problem){ "its key is not percent-encoded: a % begins no %XX" };
        return false;
    }
    return item_entry_check(object->bucket, object->key, problem);
}

static bool next(struct item_source *source, struct item *item, bool *found, struct error *err)
{
    struct csv_source *self = (struct csv_source *)source;
    struct item_problem problem;

    *item = (struct item){ 0 };
    do {
        if (!csv_row_read(&self->row, self->text, found, err))
            return false;
    } while (*found && is_header(&self->row));
    if (*found && !fill(&self->row, item, &problem))
        item_set_problem(item, list_text_name(self->text), self->row.line, problem.text);
    return true;
}

static void close_source(struct item_source *source)
{
    struct csv_source *self = (struct csv_source *)source;

    list_text_close(self->text);
    csv_row_release(&self->row);
    free(self);
}

struct item_source *items_from_csv(const struct item_list *list, struct error *err)
{
    struct csv_source *self = memory_new(1, sizeof(*self));
    const struct object object = { .key = (char *)list->key, /* only read */
                                   .needs_look_up = true };

    self->source = (struct item_source){ .next = next, .close = close_source };
    csv_row_init(&self->row);
    self->text = list_text_open(list->store, &object, list->name, NULL, err);
    if (self->text)
        return &self->source;
    close_source(&self->source);
    return NULL;
}
