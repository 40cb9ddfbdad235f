/* SPDX-License-Identifier: MIT */

/* Opens the places of a run. */

#include "run/run_parts.h"

#include <string.h>

#include "base/log.h"
#include "run/redrive.h"

static bool uses_s3(const struct run_order *order)
{
    return order->items != ITEMS_LISTED || order->source.kind == LOCATION_S3 ||
           order->destination.kind == LOCATION_S3 || order->results.kind == LOCATION_S3;
}

/*
 * Looks before the first item whether results can go where they should. empty: whether nothing is
 * there yet, as far as we may ask; NULL: it does not matter.
 */
static bool check_writable(struct run *run, const struct location *location, bool *empty,
                           struct error *err)
{
    struct store *store = store_open(location, run->service, run->cancel, true, err);
    struct error refusal;
    bool ok = store && store_check(store, true, err);

    /* A policy may allow to write objects but not to ask about the bucket. */
    if (store && !ok && err->kind == ERROR_DENIED && location->kind == LOCATION_S3)
        ok = true;
    if (ok && empty && !store_is_empty(store, &run->order.results, empty, &refusal))
        *empty = false;
    store_close(store);
    return ok;
}

/* A local list may name objects in S3 or files only, so it is not known yet whether S3 is needed.
 */
static bool may_need_s3(const struct run_order *order)
{
    return order->items != ITEMS_LISTED && order->source.kind != LOCATION_S3 &&
           order->plan.kind != LOCATION_S3 && order->destination.kind != LOCATION_S3 &&
           order->results.kind != LOCATION_S3;
}

bool run_places_open(struct run *run, struct error *err)
{
    const struct run_order *order = &run->order;

    if (uses_s3(order) && !run->service) {
        run->service = s3_service_new(&run->settings->s3, err);
        if (!run->service && !(err->kind == ERROR_AUTH && may_need_s3(order)))
            return false;
        if (!run->service)
            log_debug("no S3: %s", err->text);
    }
    run->source = store_open(&order->source, run->service, run->cancel, false, err);
    if (!run->source || run->settings->dry_run)
        return run->source != NULL;
    return check_writable(run, &order->destination, &run->starts_empty, err) &&
           check_writable(run, &order->results, NULL, err);
}

/* What an earlier run left, and where its files are. */
static bool open_records(struct run *run, struct error *err)
{
    const struct run_order *order = &run->order;
    const struct redrive *redrive = order->redrive;
    bool in_s3 = order->source.kind == LOCATION_S3;

    run->record_place = store_open(&order->results, run->service, run->cancel, false, err);
    if (!run->record_place)
        return false;
    run->records = (struct record_files){ run->record_place, redrive->files, redrive->file_count,
                                          in_s3 ? order->source.container : NULL };
    run->generations =
        (struct results_redrive){ redrive->manifest.newest + 1, redrive->manifest.succeeded,
                                  redrive->manifest.map_run_arn };
    run->items = items_from_records(&run->records, err);
    return run->items != NULL;
}

bool run_places_open_items(struct run *run, struct error *err)
{
    const struct run_order *order = &run->order;

    if (order->redrive)
        return open_records(run, err);
    if (order->items == ITEMS_LISTED) {
        run->items = items_from_listing(run->source, &order->results);
        return true;
    }
    if (order->items == ITEMS_PLAN) {
        run->plan_place = store_open(&order->plan, run->service, run->cancel, false, err);
        if (!run->plan_place)
            return false;
    }
    run->list_name = location_url(run->plan_place ? &order->plan : &order->source, order->list_key);
    run->list = (struct item_list){ .store = run->plan_place ? run->plan_place : run->source,
                                    .key = order->list_key,
                                    .name = run->list_name,
                                    .pointer = order->items_pointer };
    run->items = items_from_list(order->items, &run->list, err);
    return run->items != NULL;
}
