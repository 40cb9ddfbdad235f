/* SPDX-License-Identifier: MIT */

/* Items from the lists of a plan. */

#include <stdlib.h>

#include "base/memory.h"
#include "items/item_source.h"

struct plan_source {
    struct item_source source; /* first, so that either pointer is the other */
    struct item_plan plan;
    unsigned at;              /* whose list is open */
    struct item_source *list; /* owned; NULL: none is open */
    char *key;                /* owned, as name; of that list */
    char *name;
};

static void close_list(struct plan_source *self)
{
    if (self->list)
        self->list->close(self->list);
    self->list = NULL;
    free(self->key);
    free(self->name);
    self->key = NULL;
    self->name = NULL;
}

static bool open_list(struct plan_source *self, struct error *err)
{
    const struct item_plan *plan = &self->plan;
    struct item_list list = { .store = plan->store };

    self->key = item_plan_key(plan->place, self->at);
    self->name = location_url(plan->place, self->key);
    list.key = self->key;
    list.name = self->name;
    self->list = items_from_jsonl(&list, err);
    return self->list != NULL;
}

static bool next(struct item_source *source, struct item *item, bool *found, struct error *err)
{
    struct plan_source *self = (struct plan_source *)source;

    for (;;) {
        if (!self->list->next(self->list, item, found, err))
            return false;
        item->elsewhere = self->at != self->plan.shard;
        if (*found || !item->elsewhere)
            return true;
        close_list(self);
        self->at++;
        if (!open_list(self, err))
            return false;
    }
}

static void close_source(struct item_source *source)
{
    struct plan_source *self = (struct plan_source *)source;

    close_list(self);
    free(self);
}

char *item_plan_key(const struct location *place, unsigned shard)
{
    return memory_format("%sshard-%05u.jsonl", place->prefix, shard);
}

struct item_source *items_from_plan(const struct item_plan *plan, struct error *err)
{
    struct plan_source *self = memory_new(1, sizeof(*self));

    self->source = (struct item_source){ .next = next, .close = close_source };
    self->plan = *plan;
    self->at = plan->names_collide ? 0 : plan->shard;
    if (open_list(self, err))
        return &self->source;
    close_source(&self->source);
    return NULL;
}
