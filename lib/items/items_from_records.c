/* SPDX-License-Identifier: MIT */

/* Items from the result files of an earlier run. */

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/uuid.h"
#include "items/item_entry.h"
#include "items/item_source.h"
#include "items/record_list.h"

struct record_source {
    struct item_source source; /* first, so that either pointer is the other */
    const struct record_files *files;
    size_t next;
    struct record_list *list; /* NULL: the next file is to be opened */
    json_t *batch;            /* owned; the items of a record that has several; NULL: none */
    size_t batch_at;
};

/* Fixed objects are what a redrive is for, so they are taken as they are by now. */
static void forget_version(struct object *object, const char *bucket)
{
    if (bucket && object->bucket && strcmp(object->bucket, bucket) == 0) {
        free(object->bucket);
        object->bucket = NULL;
    }
    object->needs_look_up = true;
    if (object->version_id)
        return;
    free(object->etag);
    object->etag = NULL;
}

/* The Input of an entry that was none in its list: it is still none, and from the same place. */
static bool take_problem(const json_t *input, struct item *item)
{
    const char *key = json_string_value(json_object_get(input, "Key"));
    const char *problem = json_string_value(json_object_get(input, "Problem"));

    if (!key || !problem)
        return false;
    item->object.key = memory_copy_text(key);
    item->object.size_unknown = true;
    item->problem = memory_copy_text(problem);
    return true;
}

/* What the record says of the item beside its Input. */
static void take_history(const json_t *record, struct item *item)
{
    const char *name = json_string_value(json_object_get(record, "Name"));
    const char *error = json_string_value(json_object_get(record, "Error"));
    json_int_t redrives = json_integer_value(json_object_get(record, "RedriveCount"));

    item->collided = error && strcmp(error, "Avmap.NameCollision") == 0;
    if (!name || !uuid_is_valid(name))
        return;
    item->execution = memory_copy_text(name);
    item->redrives = redrives >= 0 && redrives < INT_MAX ? (unsigned)redrives + 1 : 1;
}

static bool read_entry(const struct record_source *self, const json_t *entry, struct item *item,
                       struct item_problem *problem)
{
    char *text;
    bool ok;

    if (take_problem(entry, item))
        return true;
    text = json_dumps(entry, JSON_ENCODE_ANY);
    ok = item_entry_read(text ? text : "", text ? strlen(text) : 0, item, problem);
    free(text);
    if (ok)
        forget_version(&item->object, self->files->bucket);
    return ok;
}

/* False with an empty problem: a batch without items. */
static bool read_record(struct record_source *self, const json_t *record, struct item *item,
                        struct item_problem *problem)
{
    const char *text = json_string_value(json_object_get(record, "Input"));
    json_error_t reason;
    json_t *input = text ? json_loads(text, JSON_DECODE_ANY, &reason) : NULL;
    json_t *batch = json_object_get(input, "Items");
    bool ok;

    if (!input) {
        snprintf(problem->text, sizeof(problem->text), "its record has no Input that is JSON");
        return false;
    }
    if (json_is_array(batch) && !json_object_get(input, "Key")) {
        self->batch = json_incref(batch);
        self->batch_at = 0;
        problem->text[0] = '\0';
        ok = false;
    } else {
        ok = read_entry(self, input, item, problem);
        if (ok)
            take_history(record, item);
    }
    json_decref(input);
    return ok;
}

static void refuse(const struct record_source *self, const struct item_problem *problem,
                   struct item *item)
{
    item_set_problem(item, self->files->files[self->next - 1].key, record_list_line(self->list),
                     problem->text);
}

/* The next of the batch; false when there is none or it is at its end. */
static bool next_of_batch(struct record_source *self, struct item *item)
{
    const json_t *entry = json_array_get(self->batch, self->batch_at++);
    struct item_problem problem;

    if (entry && !read_entry(self, entry, item, &problem))
        refuse(self, &problem, item);
    if (entry)
        return true;
    json_decref(self->batch);
    self->batch = NULL;
    return false;
}

/* The next of the open file; *found is false at its end. */
static bool next_record(struct record_source *self, struct item *item, bool *found,
                        struct error *err)
{
    for (;;) {
        struct item_problem problem = { "" };
        json_t *record;
        bool ok;

        if (self->batch && next_of_batch(self, item))
            return true;
        if (!record_list_next(self->list, &record, &problem, found, err))
            return false;
        if (!*found)
            return true;
        ok = record && read_record(self, record, item, &problem);
        json_decref(record);
        if (ok)
            return true;
        if (problem.text[0]) {
            refuse(self, &problem, item);
            return true;
        }
    }
}

static bool next(struct item_source *source, struct item *item, bool *found, struct error *err)
{
    struct record_source *self = (struct record_source *)source;
    const struct record_files *files = self->files;

    *item = (struct item){ 0 };
    *found = false;
    while (!*found && (self->list || self->next < files->count)) {
        if (!self->list) {
            self->list = record_list_open(files->store, files->files[self->next++].key, err);
            if (!self->list)
                return false;
        }
        *found = true;
        if (!next_record(self, item, found, err))
            return false;
        if (!*found) {
            record_list_close(self->list);
            self->list = NULL;
        }
    }
    return true;
}

static void close_source(struct item_source *source)
{
    struct record_source *self = (struct record_source *)source;

    record_list_close(self->list);
    json_decref(self->batch);
    free(self);
}

struct item_source *items_from_records(const struct record_files *files, struct error *err)
{
    struct record_source *self;

    for (size_t i = 0; i < files->count; i++) {
        if (!record_list_check(files->store, files->files[i].key, files->files[i].size, err))
            return NULL;
    }
    self = memory_new(1, sizeof(*self));
    self->source = (struct item_source){ .next = next, .close = close_source };
    self->files = files;
    return &self->source;
}
