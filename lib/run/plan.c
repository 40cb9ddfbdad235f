/* SPDX-License-Identifier: MIT */

/* Plans jobs. */

#include "run/plan.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/name_set.h"

struct plan {
    const struct plan_settings *settings;
    struct name_set *names; /* NULL where names cannot collide */
    bool uses_index;        /* for names */
    uint64_t count;
    struct error failure; /* the names could not be kept */
};

struct plan *plan_new(const struct plan_settings *settings)
{
    struct plan *plan = memory_new(1, sizeof(*plan));

    plan->settings = settings;
    plan->uses_index = strstr(settings->naming.template, "{index}") != NULL;
    if (settings->keys_repeat || !naming_is_unique(&settings->naming))
        plan->names = name_set_new();
    return plan;
}

void plan_free(struct plan *plan)
{
    if (!plan)
        return;
    name_set_free(plan->names);
    free(plan);
}

/* In a pattern only what the operator wrote into the rule counts files. */
static char *whole_key(const struct plan_settings *settings, const char *name)
{
    struct buffer key;

    buffer_init(&key, SIZE_MAX);
    for (const char *at = settings->destination->prefix; *at; at++)
        buffer_append(&key, *at == '%' && settings->naming.is_pattern ? "%%" : at,
                      *at == '%' && settings->naming.is_pattern ? 2 : 1);
    buffer_append_text(&key, name);
    return buffer_take(&key);
}

static char *result_key(const struct plan *plan, const struct item *item)
{
    const struct plan_settings *settings = plan->settings;
    char *name = naming_expand(&settings->naming, settings->source, item);
    char *key = whole_key(settings, name);

    free(name);
    return key;
}

/* Whether the list says its number, so that it is the same wherever the item is done. */
static bool is_numbered(const struct plan *plan, const struct item *item)
{
    return item->indexed && plan->settings->keeps_index;
}

/* Another shard makes its result, and as all shards list alike they agree on whose a name is. */
static void pass_over(struct plan *plan, const struct item *item)
{
    struct item numbered = *item; /* borrows its strings */
    struct error err;
    char *key;
    bool seen;

    if (!is_numbered(plan, item))
        numbered.index = plan->count++;
    if (!plan->names || item->problem)
        return;
    key = result_key(plan, &numbered);
    if (!name_set_add(plan->names, key, &seen, &err) && plan->failure.kind == ERROR_NONE)
        plan->failure = err;
    free(key);
}

enum selection_verdict plan_judge(struct plan *plan, const struct item *item)
{
    const struct plan_settings *settings = plan->settings;
    enum selection_verdict verdict = SELECTION_PICKED;

    if (!item->problem)
        verdict = selection_judge(settings->selection, item,
                                  naming_relative_path(settings->source, item->object.key));
    if (verdict == SELECTION_PICKED &&
        (item->elsewhere || !shard_has(&settings->shard, item->object.key))) {
        pass_over(plan, item);
        return SELECTION_OTHER_SHARD;
    }
    return verdict;
}

/* Where only some of a run's items are there, numbers must not begin at 0 again. */
static bool number(struct plan *plan, struct item *item)
{
    bool known = is_numbered(plan, item);

    if (!known)
        item->index = plan->count++;
    item->indexed = plan->uses_index;
    return known || !plan->uses_index || !plan->settings->keeps_index;
}

static bool check_collision(struct plan *plan, const char *key, bool collided, struct error *err)
{
    bool seen = collided;

    if (!seen && plan->names && !name_set_add(plan->names, key, &seen, err))
        return false;
    if (!seen)
        return true;
    return error_set(err, ERROR_OBJECT, "Avmap.NameCollision",
                     "another item of this run has the result %s already; use a name template "
                     "that tells them apart, such as --suffix",
                     key);
}

bool plan_job(struct plan *plan, struct job *job, struct error *err)
{
    const struct plan_settings *settings = plan->settings;
    bool numbered = number(plan, &job->item);

    if (plan->failure.kind != ERROR_NONE) {
        *err = plan->failure;
        return false;
    }
    if (job->item.problem)
        return error_set(err, ERROR_OBJECT, "Avmap.BadItem", "%s: %s", job->item.object.key,
                         job->item.problem);
    if (!numbered)
        return error_set(err, ERROR_OBJECT, "Avmap.BadItem",
                         "its result is named by {index}, and the list does not say its Index");
    job->key = result_key(plan, &job->item);
    return location_check_key(settings->destination, job->key, err) &&
           check_collision(plan, job->key, job->item.collided, err);
}

void job_free(struct job *job)
{
    item_release(&job->item);
    free(job->key);
    free(job);
}
