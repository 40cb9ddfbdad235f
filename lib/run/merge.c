/* SPDX-License-Identifier: MIT */

/* Joins the shards' manifests. */

#include "run/merge.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/uuid.h"
#include "run/document.h"
#include "run/manifest.h"
#include "run/merge_run.h"
#include "store/store_listing.h"

enum { SHARDS_MAX = 1000000 };

/* What one shard left: the best of its attempts so far. */
struct shard_end {
    json_t *manifest; /* owned; NULL: none was found */
    json_t *run;      /* owned; its run.json */
};

struct merge {
    const struct merge_settings *settings;
    const struct cancel *cancel;
    struct s3_service *service; /* NULL while no S3 is in play */
    char *run_id;               /* owned; of all shards, NULL before the first */
    struct shard_end *ends;     /* owned; by shard, expected of them */
    json_t *manifest;           /* owned; the first shard's, with all others' files */
    json_t *run;                /* owned; the first shard's run.json, with all others' counts */
    unsigned expected;
    unsigned found;
};

static bool refuse(struct error *err, const char *key, const char *why)
{
    return error_set(err, ERROR_USAGE, "Avmap.Usage", "%s: %s", key, why);
}

static bool check_manifest(const json_t *manifest, const char *key, struct error *err)
{
    const json_t *files = json_object_get(manifest, "ResultFiles");

    for (size_t i = 0; i < MANIFEST_KINDS; i++) {
        if (!json_is_array(json_object_get(files, manifest_kind_names[i])))
            return refuse(err, key, "is not what avmap run writes: it lists no result files");
    }
    return true;
}

/* The shard of run; NULL when it is none of this run's. */
static struct shard_end *find_shard(struct merge *merge, const char *key, const json_t *run,
                                    struct error *err)
{
    const json_t *shard = json_object_get(run, "shard");
    const json_t *number = json_object_get(shard, "index");
    json_int_t index = json_is_integer(number) ? json_integer_value(number) : -1;
    json_int_t count = json_integer_value(json_object_get(shard, "count"));
    const char *id = json_string_value(json_object_get(run, "runId"));
    char folder[32];

    if (!id || count < 1 || count > SHARDS_MAX || index < 0 || index >= count) {
        refuse(err, key, "its run.json does not name a shard");
        return NULL;
    }
    snprintf(folder, sizeof(folder), "shard-%05u-", (unsigned)index);
    if (!strstr(key, folder)) {
        refuse(err, key, "its run.json is of another shard");
        return NULL;
    }
    if (!merge->expected) {
        merge->expected = (unsigned)count;
        merge->run_id = memory_copy_text(id);
        merge->ends = memory_new(merge->expected, sizeof(*merge->ends));
    }
    if ((unsigned)count != merge->expected || strcmp(id, merge->run_id) != 0) {
        refuse(err, key, "is of another run than the first shard");
        return NULL;
    }
    return &merge->ends[index];
}

/*
 * Whether an attempt at a shard got further than another, or as far and ended later. One that was
 * stopped may end after the one that took its place.
 */
static bool is_better(const json_t *run, const json_t *other)
{
    const json_t *counts = json_object_get(run, "itemCounts");
    const json_t *other_counts = json_object_get(other, "itemCounts");
    json_int_t succeeded = json_integer_value(json_object_get(counts, "succeeded"));
    json_int_t other_succeeded = json_integer_value(json_object_get(other_counts, "succeeded"));

    return succeeded != other_succeeded ? succeeded > other_succeeded
                                        : merge_run_is_before(other, run, "stopDate");
}

static void keep_better(struct merge *merge, struct shard_end *end, json_t *manifest, json_t *run)
{
    if (end->manifest && !is_better(run, end->run))
        return;
    merge->found += !end->manifest;
    json_decref(end->manifest);
    json_decref(end->run);
    *end = (struct shard_end){ json_incref(manifest), json_incref(run) };
}

static void add_shard(struct merge *merge, json_t *manifest, json_t *run)
{
    if (!merge->manifest) {
        merge->manifest = json_incref(manifest);
        merge->run = json_incref(run);
        json_object_del(run, "shard");
        json_object_set_new(run, "shards", json_integer(merge->expected));
        return;
    }
    for (size_t i = 0; i < MANIFEST_KINDS; i++)
        json_array_extend(
            json_object_get(json_object_get(merge->manifest, "ResultFiles"),
                            manifest_kind_names[i]),
            json_object_get(json_object_get(manifest, "ResultFiles"), manifest_kind_names[i]));
    merge_run_add(merge->run, run);
}

/* key is a shard's manifest.json; its run.json lies beside it. */
static bool read_shard(struct merge *merge, struct store *store, const char *key, struct error *err)
{
    size_t folder_length = strlen(key) - strlen("manifest.json");
    char *run_key = memory_format("%.*srun.json", (int)folder_length, key);
    json_t *manifest = document_read(store, key, err);
    json_t *run = manifest ? document_read(store, run_key, err) : NULL;
    struct shard_end *end =
        run && check_manifest(manifest, key, err) ? find_shard(merge, key, run, err) : NULL;

    if (end)
        keep_better(merge, end, manifest, run);
    json_decref(manifest);
    json_decref(run);
    free(run_key);
    return end != NULL;
}

/* Whether key ends in shard-NNNNN-xxxxxxxx/manifest.json. */
static bool is_shard_manifest(const char *key)
{
    const char *end = strrchr(key, '/');
    const char *slash = end ? memrchr(key, '/', (size_t)(end - key)) : NULL;
    const char *name = slash ? slash + 1 : key;

    return end && strcmp(end, "/manifest.json") == 0 &&
           manifest_is_shard_folder(name, (size_t)(end - name));
}

static bool read_folder(struct merge *merge, struct store *store, struct error *err)
{
    struct store_listing *listing = store_listing_open(store, NULL);
    bool found = true;
    bool ok = true;

    while (ok && found) {
        struct object object = { 0 };

        ok = store_listing_next(listing, &object, &found, err);
        if (ok && found && is_shard_manifest(object.key))
            ok = read_shard(merge, store, object.key, err);
        object_release(&object);
    }
    store_listing_close(listing);
    return ok;
}

static bool open_folder(struct merge *merge, const char *text, struct location *location,
                        struct store **store, struct error *err)
{
    *store = NULL;
    if (!location_parse(text, location, err))
        return false;
    location_make_folder(location);
    if (location->kind == LOCATION_S3 && !merge->service) {
        merge->service = s3_service_new(&merge->settings->s3, merge->cancel, err);
        if (!merge->service)
            return false;
    }
    *store = store_open(location, merge->service, merge->cancel, false, err);
    return *store != NULL;
}

/* Without slashes at its end; the caller frees it. */
static char *folder_url(const struct location *location)
{
    char *url = location_url(location, location->prefix);
    size_t length = strlen(url);

    while (length > 0 && url[length - 1] == '/')
        url[--length] = '\0';
    return url;
}

/* By its name; then none of its shards has come to an end yet. */
static bool is_of_a_run(const struct location *location)
{
    char *url = folder_url(location);
    const char *name = strrchr(url, '/');
    bool is = name && uuid_is_valid(name + 1);

    free(url);
    return is;
}

/* Elsewhere a manifest could not be redriven, and a run's own might be in its place. */
static bool check_folder(const struct merge *merge, const struct location *location,
                         struct error *err)
{
    char *url = folder_url(location);
    const char *name = strrchr(url, '/');
    bool ok;

    ok = name && strcmp(name + 1, merge->run_id) == 0;
    if (!ok)
        error_set(err, ERROR_USAGE, "Avmap.Usage",
                  "%s is not the folder of the run, which is named by its id; give "
                  "RESULTS/%s/",
                  url, merge->run_id);
    free(url);
    return ok;
}

/* Joins them in their order, so that the same shards always give the same. */
static void join(struct merge *merge)
{
    for (unsigned i = 0; i < merge->expected; i++) {
        if (merge->ends[i].manifest)
            add_shard(merge, merge->ends[i].manifest, merge->ends[i].run);
    }
}

static char *missing_shards(const struct merge *merge)
{
    struct buffer text;

    if (merge->found == merge->expected)
        return NULL;
    buffer_init(&text, SIZE_MAX);
    for (unsigned i = 0; i < merge->expected; i++) {
        if (!merge->ends[i].manifest)
            buffer_append_format(&text, "%s%u", text.size ? ", " : "", i);
    }
    return buffer_take(&text);
}

static bool write_merged(struct merge *merge, struct store *store, const struct location *location,
                         struct merge_summary *summary, struct error *err)
{
    char *run_key = memory_format("%srun.json", location->prefix);
    char *key = memory_format("%smanifest.json", location->prefix);
    bool ok;

    merge_run_set_rates(merge->run);
    ok = document_write(store, run_key, merge->run, err) &&
         document_write(store, key, merge->manifest, err);

    if (ok)
        summary->manifest_url = location_url(location, key);
    free(run_key);
    free(key);
    return ok;
}

/* The merged manifest goes into the first of the folders. */
static bool merge_folders(struct merge *merge, struct merge_summary *summary, struct error *err)
{
    struct location first = { 0 };
    struct store *first_store = NULL;
    bool ok = true;

    for (size_t i = 0; ok && i < merge->settings->results_count; i++) {
        struct location location = { 0 };
        struct store *store;

        ok = open_folder(merge, merge->settings->results[i], i ? &location : &first, &store, err) &&
             read_folder(merge, store, err);
        if (i == 0)
            first_store = store;
        else
            store_close(store);
        location_release(&location);
    }
    if (ok && merge->found == 0 && is_of_a_run(&first))
        summary->missing = memory_copy_text("all");
    else if (ok && merge->found == 0)
        ok = refuse(err, merge->settings->results[0],
                    "has no shard-NNNNN-xxxxxxxx/manifest.json; give the folder of a sharded run, "
                    "RESULTS/<run-id>/");
    else if (ok)
        ok = check_folder(merge, &first, err);
    if (ok && !summary->missing) {
        summary->expected = merge->expected;
        summary->found = merge->found;
        summary->missing = missing_shards(merge);
        join(merge);
        summary->lacks_items = json_is_false(json_object_get(merge->run, "listingComplete"));
        ok = summary->missing || write_merged(merge, first_store, &first, summary, err);
    }
    store_close(first_store);
    location_release(&first);
    return ok;
}

bool merge(const struct merge_settings *settings, const struct cancel *cancel,
           struct merge_summary *summary, struct error *err)
{
    struct merge merge = { .settings = settings, .cancel = cancel };
    bool ok;

    *summary = (struct merge_summary){ 0 };
    ok = merge_folders(&merge, summary, err);
    json_decref(merge.manifest);
    json_decref(merge.run);
    s3_service_free(merge.service);
    for (unsigned i = 0; i < merge.expected; i++) {
        json_decref(merge.ends[i].manifest);
        json_decref(merge.ends[i].run);
    }
    free(merge.ends);
    free(merge.run_id);
    return ok;
}

void merge_summary_release(struct merge_summary *summary)
{
    free(summary->missing);
    free(summary->manifest_url);
    *summary = (struct merge_summary){ 0 };
}
