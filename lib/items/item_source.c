/* SPDX-License-Identifier: MIT */

/* Chooses the source that reads a list. */

#include "items/item_source.h"

#include <stddef.h>

const char *const items_format_names[] = {
    [ITEMS_LISTED] = "listing",      [ITEMS_CSV] = "csv",
    [ITEMS_JSONL] = "jsonl",         [ITEMS_JSON] = "json",
    [ITEMS_INVENTORY] = "inventory", [ITEMS_PLAN] = "plan",
    [ITEMS_PLAN + 1] = NULL,
};

struct item_source *items_from_list(enum items_format format, const struct item_list *list,
                                    struct error *err)
{
    switch (format) {
    case ITEMS_CSV:
        return items_from_csv(list, err);
    case ITEMS_JSON:
        return items_from_json(list, err);
    case ITEMS_INVENTORY:
        return items_from_inventory(list, err);
    case ITEMS_PLAN:
    case ITEMS_JSONL:
    case ITEMS_LISTED:
        break;
    }
    return items_from_jsonl(list, err);
}
