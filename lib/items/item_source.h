/* SPDX-License-Identifier: MIT */

/*
 * What every source of items offers. A source is made by the function of its own file.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "items/item.h"
#include "store/store.h"

/*
 * A source that reads a list gives what is malformed in it as an item with a problem, and goes on
 * behind it. It fails when the list itself cannot be read to its end.
 */
struct item_source {
    /* Fills *item but for its index (the caller releases it) and *found, false at the end. */
    bool (*next)(struct item_source *source, struct item *item, bool *found, struct error *err);
    void (*close)(struct item_source *source);
};

/*
 * Everything under the store's location; skip is left out, may be NULL. store is borrowed. S3 is
 * asked at once, which next waits for.
 */
MUST_USE struct item_source *items_from_listing(struct store *store, const struct location *skip);

enum items_format {
    ITEMS_LISTED, /* no list: what is under a prefix */
    ITEMS_CSV,
    ITEMS_JSONL,
    ITEMS_JSON,
    ITEMS_INVENTORY,
    ITEMS_PLAN, /* a folder of JSON Lines files, one of them for this shard */
};

/* "listing", "csv" and so on, by format; ends in NULL. */
extern const char *const items_format_names[];

/* A list of items and where it is; itself and all in it borrowed until close. */
struct item_list {
    struct store *store;
    const char *key;     /* the list's, in the store */
    const char *name;    /* what messages call it */
    const char *pointer; /* to the array in a JSON document (RFC 6901); NULL or "": the document */
};

/*
 * The lists that Step Functions and S3 Batch Operations read. Each is fetched by the function that
 * makes the source, which fails as store_fetch does, and with ERROR_OBJECT, Avmap.BadList.
 */

/* Rows Bucket,Key[,VersionId] without a header, keys percent-encoded. */
MUST_USE struct item_source *items_from_csv(const struct item_list *list, struct error *err);

/* An entry (item_entry.h) a line. */
MUST_USE struct item_source *items_from_jsonl(const struct item_list *list, struct error *err);

/* A JSON document with an array of entries. */
MUST_USE struct item_source *items_from_json(const struct item_list *list, struct error *err);

/* The manifest.json of an S3 Inventory. */
MUST_USE struct item_source *items_from_inventory(const struct item_list *list, struct error *err);

/* The one of these that reads the format, which is not ITEMS_LISTED or ITEMS_PLAN. */
MUST_USE struct item_source *items_from_list(enum items_format format, const struct item_list *list,
                                             struct error *err);

/* The lists of a plan, one for each shard; store and place are borrowed until close. */
struct item_plan {
    struct store *store;
    const struct location *place;
    unsigned shard;     /* ours */
    bool names_collide; /* results of different items can have one name */
};

/*
 * The items of our list. Where names collide those of the shards before come first, marked as
 * elsewhere: as all shards see them in that order, they agree on whose a name is.
 */
MUST_USE struct item_source *items_from_plan(const struct item_plan *plan, struct error *err);

/* The key of a shard's list; the caller frees it. */
MUST_USE char *item_plan_key(const struct location *place, unsigned shard);

/* A result file, whole. */
struct record_file {
    char *key;
    uint64_t size; /* bytes; what the manifest says */
};

/* Result files of a run, and where they are; all borrowed until close. */
struct record_files {
    struct store *store;
    const struct record_file *files;
    size_t count;
    const char *bucket; /* the source's; an item in it has no bucket of its own; NULL: a folder */
};

/*
 * The items of an earlier run's records (Input), to be done again as they are by now: of an object
 * without a version its ETag is not kept. A record of a batch (Step Functions' ItemBatcher) gives
 * all of its items. Fails with Avmap.BadManifest when a file is not there in its size.
 */
MUST_USE struct item_source *items_from_records(const struct record_files *files,
                                                struct error *err);
