/* SPDX-License-Identifier: MIT */

/*
 * Shares items out, largest first to the shard that has least. Sorting ten million items is not
 * needed for that: they go into spools by size, a few per power of two, which are then read from
 * the largest down.
 */

#include "run/shard_plan.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/machine.h"
#include "base/memory.h"
#include "items/item_source.h"
#include "run/document.h"
#include "run/naming.h"
#include "run/shares.h"

enum {
    CLASSES_PER_DOUBLING = 4,
    CLASSES = 64 * CLASSES_PER_DOUBLING,
    MEMORY = 256 * 1024 * 1024, /* for all spools, or half of what there is; what is over goes to
                                   temporary files */
    PIECE_SIZE = 64 * 1024,
};

struct planner {
    const struct shard_plan_settings *settings;
    const struct cancel *cancel;
    struct location source;
    struct location place;
    struct s3_service *service; /* NULL when no S3 is in play */
    struct budget budget;
    struct spool *classes; /* lines of items by size */
    struct spool *shards;  /* lines by shard */
    struct shares *shares;
    struct shard_plan_summary *summary;
};

/* Four classes per power of two: within one, sizes differ by a quarter at the most. */
static unsigned class_of(uint64_t size)
{
    unsigned doublings = 0;
    uint64_t top = size;

    while (top > 7) {
        top >>= 1;
        doublings++;
    }
    return top < 4 ? (unsigned)top : doublings * CLASSES_PER_DOUBLING + (unsigned)top;
}

static bool append(struct spool *spool, const char *text, size_t size, struct error *err)
{
    return spool_write(spool, spool->size, text, size, err);
}

static bool add_item(struct planner *planner, const struct item *item, struct error *err)
{
    const struct location *source = &planner->source;
    char *json = item_json(item, source->kind == LOCATION_S3 ? source->container : NULL);
    char *line = memory_format("%" PRIu64 " %s\n", item->object.size, json);
    bool ok = append(&planner->classes[class_of(item->object.size)], line, strlen(line), err);

    planner->summary->items++;
    planner->summary->bytes += item->object.size;
    free(line);
    free(json);
    return ok;
}

static bool go_on(const struct planner *planner, struct error *err)
{
    return !cancel_stopping(planner->cancel) ||
           error_set(err, ERROR_CANCELLED, "Avmap.Interrupted", "stopped before the plan was made");
}

static bool list_items(struct planner *planner, struct store *store, struct error *err)
{
    const struct shard_plan_settings *settings = planner->settings;
    struct item_source *source = items_from_listing(store, &planner->place);
    bool found = true;
    bool ok = true;

    while (ok && found && (!settings->max_items || planner->summary->items < settings->max_items)) {
        struct item item = { 0 };

        ok = go_on(planner, err) && source->next(source, &item, &found, err);
        if (ok && found) {
            const char *name = naming_relative_path(&planner->source, item.object.key);
            enum selection_verdict verdict = selection_judge(&settings->selection, &item, name);

            item.index = planner->summary->items; /* among all, for names that have it */
            item.indexed = true;
            if (verdict == SELECTION_PICKED)
                ok = add_item(planner, &item, err);
            else if (verdict != SELECTION_NOT_WANTED)
                planner->summary->skipped++;
        }
        item_release(&item);
    }
    source->close(source);
    return ok;
}

/* line is "SIZE JSON\n". */
static bool assign(struct planner *planner, const char *line, size_t length, struct error *err)
{
    const char *json = memchr(line, ' ', length);
    uint64_t bytes;
    unsigned index = shares_give(planner->shares, strtoull(line, NULL, 10), &bytes);
    struct spool *shard = &planner->shards[index];

    if (bytes > planner->summary->largest_bytes)
        planner->summary->largest_bytes = bytes;
    json++;
    return append(shard, json, length - (size_t)(json - line), err);
}

/* Assigns the whole lines of a piece; *used is how long they are together. */
static bool assign_lines(struct planner *planner, const char *piece, size_t size, size_t *used,
                         struct error *err)
{
    const char *end;

    *used = 0;
    while ((end = memchr(piece + *used, '\n', size - *used))) {
        const char *line = piece + *used;
        size_t length = (size_t)(end + 1 - line);

        if (!assign(planner, line, length, err))
            return false;
        *used += length;
    }
    return true;
}

/* Assigns every line of a class. The rest of a line that a piece cuts off begins the next piece. */
static bool assign_class(struct planner *planner, struct spool *lines, struct error *err)
{
    size_t size = PIECE_SIZE;
    char *piece = memory_new(size, 1);
    uint64_t offset = 0;
    bool ok = true;

    while (ok && offset < lines->size) {
        size_t used = 0;
        size_t got;

        ok = spool_read(lines, offset, piece, size, &got, err) &&
             assign_lines(planner, piece, got, &used, err);
        offset += used;
        if (ok && used == 0) {
            size *= 2; /* the paths of folders in folders can be of any length */
            piece = memory_grow(piece, size, 1);
        }
    }
    free(piece);
    spool_clear(lines);
    return ok;
}

static bool assign_all(struct planner *planner, struct error *err)
{
    bool ok = true;

    for (int class = CLASSES - 1; ok && class >= 0; class --)
        ok = assign_class(planner, &planner->classes[class], err);
    return ok;
}

static bool store_shard(struct planner *planner, struct store *store, unsigned index,
                        const struct spool *lines, struct error *err)
{
    struct store_put_request request = { .content_type = "application/x-ndjson",
                                         .is_record = true };
    char *key = item_plan_key(&planner->place, index);
    bool ok = store_put(store, key, lines, &request, NULL, err);

    free(key);
    return ok;
}

/*
 * While shards change there is no plan: plan.json says no source until it is written anew, only
 * how many shards may lie there, so that the next plan finds those of one that was killed too.
 * *shards gets that number.
 */
static bool begin_plan(struct planner *planner, struct store *store, const char *key,
                       unsigned *shards, struct error *err)
{
    json_t *earlier = document_read(store, key, err);
    json_int_t count = json_integer_value(json_object_get(earlier, "shards"));
    json_t *unfinished;
    bool ok;

    *shards = planner->settings->shards;
    if (count > *shards && count <= SHARD_PLAN_MAX)
        *shards = (unsigned)count;
    if (!earlier && err->kind != ERROR_NOT_FOUND && err->kind != ERROR_DENIED &&
        err->kind != ERROR_OBJECT)
        return false;
    json_decref(earlier);
    unfinished = json_pack("{s:s, s:s, s:i}", "version", AVMAP_VERSION, "status", "RUNNING",
                           "shards", *shards);
    ok = document_write(store, key, unfinished, err);
    json_decref(unfinished);
    return ok;
}

/* Takes a shard away that only an earlier plan had; it is emptied where that is not allowed. */
static bool remove_shard(struct planner *planner, struct store *store, unsigned index,
                         struct error *err)
{
    char *key = item_plan_key(&planner->place, index);
    bool ok = store_remove(store, key, err);

    free(key);
    if (!ok && err->kind == ERROR_DENIED) {
        struct spool nothing;

        spool_init(&nothing, &planner->budget);
        ok = store_shard(planner, store, index, &nothing, err);
        spool_release(&nothing);
    }
    return ok;
}

static bool store_shards(struct planner *planner, struct store *store, unsigned present,
                         struct error *err)
{
    unsigned count = planner->settings->shards;
    bool ok = true;

    for (unsigned i = 0; ok && i < count; i++)
        ok = go_on(planner, err) && store_shard(planner, store, i, &planner->shards[i], err);
    for (unsigned i = count; ok && i < present; i++)
        ok = remove_shard(planner, store, i, err);
    return ok;
}

static json_t *plan_json(const struct planner *planner)
{
    const struct shard_plan_summary *summary = planner->summary;
    char *source = location_url(&planner->source, planner->source.prefix);
    json_t *value = json_pack("{s:s, s:o, s:i, s:I, s:I}", "version", AVMAP_VERSION, "source",
                              json_text(source), "shards", planner->settings->shards, "items",
                              (json_int_t)summary->items, "bytes", (json_int_t)summary->bytes);

    free(source);
    return value;
}

static bool store_plan(struct planner *planner, struct error *err)
{
    struct store *store = store_open(&planner->place, planner->service, planner->cancel, true, err);
    char *key = memory_format("%splan.json", planner->place.prefix);
    json_t *plan = plan_json(planner);
    unsigned present;
    bool ok = store && begin_plan(planner, store, key, &present, err) &&
              store_shards(planner, store, present, err) && document_write(store, key, plan, err);

    if (ok)
        planner->summary->url = location_url(&planner->place, key);
    json_decref(plan);
    free(key);
    store_close(store);
    return ok;
}

static bool read_places(struct planner *planner, struct error *err)
{
    const struct shard_plan_settings *settings = planner->settings;

    if (!location_parse(settings->source, &planner->source, err) ||
        !location_parse(settings->plan, &planner->place, err))
        return false;
    location_make_folder(&planner->place);
    if (location_contains(&planner->place, &planner->source))
        return error_set(err, ERROR_USAGE, "Avmap.Usage",
                         "the source is inside the place for the plan; choose another");
    if (planner->source.kind == LOCATION_S3 || planner->place.kind == LOCATION_S3) {
        planner->service = s3_service_new(&settings->s3, planner->cancel, err);
        return planner->service != NULL;
    }
    return true;
}

static struct spool *new_spools(struct planner *planner, unsigned count)
{
    struct spool *spools = memory_new(count, sizeof(*spools));

    for (unsigned i = 0; i < count; i++)
        spool_init(&spools[i], &planner->budget);
    return spools;
}

static void free_spools(struct spool *spools, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        spool_release(&spools[i]);
    free(spools);
}

bool shard_plan(const struct shard_plan_settings *settings, const struct cancel *cancel,
                struct shard_plan_summary *summary, struct error *err)
{
    struct planner planner = { .settings = settings, .cancel = cancel, .summary = summary };
    struct store *store = NULL;
    bool ok = false;

    *summary = (struct shard_plan_summary){ 0 };
    budget_init(&planner.budget, machine_memory() / 2 < MEMORY ? machine_memory() / 2 : MEMORY);
    planner.classes = new_spools(&planner, CLASSES);
    planner.shards = new_spools(&planner, settings->shards);
    planner.shares = shares_new(settings->shards);
    if (!read_places(&planner, err))
        goto out;
    store = store_open(&planner.source, planner.service, cancel, false, err);
    ok = store && list_items(&planner, store, err) && assign_all(&planner, err) &&
         store_plan(&planner, err);

out:
    store_close(store);
    s3_service_free(planner.service);
    shares_free(planner.shares);
    free_spools(planner.shards, settings->shards);
    free_spools(planner.classes, CLASSES);
    location_release(&planner.source);
    location_release(&planner.place);
    return ok;
}

void shard_plan_summary_release(struct shard_plan_summary *summary)
{
    free(summary->url);
    *summary = (struct shard_plan_summary){ 0 };
}
