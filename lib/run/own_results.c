/* SPDX-License-Identifier: MIT */

/* Compares what is known of all results' names with where the source is, and with the patterns. */

#include "run/own_results.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"

/*
 * What all results' URLs begin with: the rule up to what differs from item to item. All keys begin
 * with the source's prefix, so {key} is known so far.
 */
static char *known_start(const struct run_order *order)
{
    const char *template = order->naming.template;
    size_t literal = strcspn(template, "{%");
    char *start =
        memory_format("%s%.*s%s", order->destination.prefix, (int)literal, template,
                      strncmp(template + literal, "{key}", 5) == 0 ? order->source.prefix : "");
    char *url = location_url(&order->destination, start);

    free(start);
    return url;
}

/* What all results' names end with; borrowed. Of a result of several files each may end in
 * another way. */
static const char *known_end(const struct run_order *order, const struct recipe *recipe)
{
    const struct naming *naming = &order->naming;
    const char *field = strrchr(naming->template, '}');
    const char *end = naming->suffix[0] ? naming->suffix : field ? field + 1 : naming->template;
    char *name = memory_format("result%s", end);
    bool is_known = !strchr(end, '%') && recipe_files(recipe, name) == RECIPE_ONE_FILE;

    free(name);
    return is_known ? end : "";
}

bool own_results_refuse(const struct run_order *order, const struct selection *selection,
                        const struct recipe *recipe, struct error *err)
{
    const struct location *source = &order->source;
    const char *outer = order->source_url;
    char *inner;
    const char *name;
    bool ok;

    if (order->items != ITEMS_LISTED || order->redrive || source->kind != order->destination.kind)
        return true;
    inner = known_start(order);
    /* As patterns see it: relative to the last folder of the source's prefix. */
    name = inner + (strrchr(outer, '/') + 1 - outer);
    ok = strncmp(inner, outer, strlen(outer)) != 0 ||
         selection_leaves_out(selection, name, known_end(order, recipe)) ||
         error_set(err, ERROR_USAGE, "Avmap.Usage",
                   "the results would go to %s, which is inside the source %s, so a run would take "
                   "them for input; choose another destination or say --exclude '%s*' after all "
                   "other patterns",
                   inner, outer, name);
    free(inner);
    return ok;
}
