/* SPDX-License-Identifier: MIT */

/* Opens the places of a run. */

#include "run/run_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "run/redrive.h"
#include "store/store_listing.h"

/* Whether any place is in S3, apart from what a list may name. */
static bool uses_s3(const struct run *run)
{
    const struct run_order *order = &run->order;
    const struct location *places[] = { &order->source,           &order->plan,
                                        &order->destination,      &order->results,
                                        &run->lists.report.place, &run->lists.made.place };

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        if (places[i]->kind == LOCATION_S3)
            return true;
    }
    return false;
}

static bool may_write(struct store *store, const struct location *location, struct error *err)
{
    /* A policy may allow to write objects but not to ask about the bucket. */
    return store_check(store, true, err) ||
           (location->kind == LOCATION_S3 && err->kind == ERROR_DENIED);
}

/* Looks before the first item whether files can go where they should. */
static bool check_writable(struct run *run, const struct location *location, struct error *err)
{
    struct store *store = store_open(location, run->service, run->cancel, true, err);
    bool ok = store && may_write(store, location, err);

    store_close(store);
    return ok;
}

/* The keys are no good, of which a HEAD would not tell, or nobody answers, which takes long. */
static bool is_for_good(const struct error *refusal)
{
    return refusal->kind == ERROR_AUTH || refusal->kind == ERROR_TRANSIENT;
}

/*
 * The same, and what is there besides former results files, as far as we may ask. A bucket that can
 * be listed need not be asked for by itself: each question costs the network's time.
 */
static bool look_at_destination(struct run *run, struct error *err)
{
    const struct location *location = &run->order.destination;
    struct store *store = store_open(location, run->service, run->cancel, true, err);
    bool in_s3 = location->kind == LOCATION_S3;
    struct error refusal;
    bool ok = store && (in_s3 || may_write(store, location, err));

    if (ok && !store_listing_look(store, &run->order.results, &run->contents, &refusal)) {
        run->contents = CONTENTS_SOME;
        ok = !is_for_good(&refusal) && (!in_s3 || may_write(store, location, err));
        if (is_for_good(&refusal))
            *err = refusal;
    }
    store_close(store);
    return ok;
}

/* The bucket of the destination has been looked at. */
static bool check_results(struct run *run, struct error *err)
{
    const struct location *results = &run->order.results;
    const struct location *destination = &run->order.destination;

    if (results->kind == LOCATION_S3 && destination->kind == LOCATION_S3 &&
        strcmp(results->container, destination->container) == 0)
        return true;
    return check_writable(run, results, err);
}

bool run_places_open(struct run *run, struct error *err)
{
    const struct run_order *order = &run->order;
    bool needs_s3 = uses_s3(run);

    /* A local list may name objects in S3 or files only, so it is not known yet. */
    if (needs_s3 || order->items != ITEMS_LISTED) {
        run->service = s3_service_new(&run->settings->s3, run->cancel, err);
        if (!run->service && (needs_s3 || err->kind != ERROR_AUTH))
            return false;
        if (!run->service)
            log_debug("no S3: %s", err->text);
    }
    run->source = store_open(&order->source, run->service, run->cancel, false, err);
    if (!run->source && strcmp(err->word, "File.NotAFolder") == 0)
        return error_set(
            err, ERROR_LOCAL, "File.NotAFolder",
            "SOURCE %s is a file, not a folder; for one file there is avmap one, for a "
            "list of files --items",
            order->source_url);
    if (!run->source)
        return false;
    /* It is on its way while we look at where results go. */
    if (order->items == ITEMS_LISTED && !order->redrive)
        run->items = items_from_listing(run->source, &order->results);
    if (run->settings->dry_run)
        return true;
    return look_at_destination(run, err) && check_results(run, err) &&
           (!run->lists.report.key || check_writable(run, &run->lists.report.place, err)) &&
           (!run->lists.made.key || check_writable(run, &run->lists.made.place, err));
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

static bool open_plan(struct run *run, struct error *err)
{
    const struct run_order *order = &run->order;

    run->plan_place = store_open(&order->plan, run->service, run->cancel, false, err);
    if (!run->plan_place)
        return false;
    run->items =
        items_from_plan(&(struct item_plan){ .store = run->plan_place,
                                             .place = &order->plan,
                                             .shard = order->shard.index,
                                             .names_collide = !naming_is_unique(&order->naming) },
                        err);
    return run->items != NULL;
}

bool run_places_open_items(struct run *run, struct error *err)
{
    const struct run_order *order = &run->order;

    if (order->redrive)
        return open_records(run, err);
    if (order->items == ITEMS_LISTED) {
        if (!run->items)
            run->items = items_from_listing(run->source, &order->results);
        return true;
    }
    if (order->items == ITEMS_PLAN)
        return open_plan(run, err);
    run->list_name = location_url(&order->source, order->list_key);
    run->list = (struct item_list){ .store = run->source,
                                    .key = order->list_key,
                                    .name = run->list_name,
                                    .pointer = order->items_pointer };
    run->items = items_from_list(order->items, &run->list, err);
    return run->items != NULL;
}

void run_places_close_items(struct run *run)
{
    if (run->items)
        run->items->close(run->items);
    store_close(run->plan_place);
    store_close(run->record_place);
    free(run->list_name);
    store_close(run->source);
}
