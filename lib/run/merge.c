/* SPDX-License-Identifier: MIT */

/* Joins the shards' manifests. */

#include "run/merge.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/json.h"
#include "base/memory.h"
#include "run/document.h"

enum { SHARDS_MAX = 1000000 };

struct merge {
    const struct merge_settings *settings;
    const struct cancel *cancel;
    struct s3_service *service; /* NULL while no S3 is in play */
    json_t *manifest;           /* the first shard's, with all others' files */
    json_t *run;                /* the first shard's run.json, with all others' counts */
    bool *seen;                 /* by shard, expected of them */
    unsigned expected;
    unsigned found;
};

static const char *const kinds[] = { "FAILED", "PENDING", "SUCCEEDED" };

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static void add_number(json_t *to, const json_t *from, const char *name)
{
    json_t *sum = json_object_get(to, name);
    const json_t *value = json_object_get(from, name);

    if (json_is_integer(value) && json_is_integer(sum)) {
        /* Unsigned, as what overflows was no count anyway. */
        uint64_t total = (uint64_t)json_integer_value(sum) + (uint64_t)json_integer_value(value);

        json_integer_set(sum, (json_int_t)total);
    } else if (json_is_real(value) && json_is_real(sum)) {
        json_real_set(sum, json_real_value(sum) + json_real_value(value));
    }
}

/* How bad an end a shard came to. */
static unsigned badness(const json_t *run)
{
    static const char *const statuses[] = { "SUCCEEDED", "FAILED", "ABORTED" };
    const char *status = json_string_value(json_object_get(run, "status"));
    unsigned worst = sizeof(statuses) / sizeof(statuses[0]) - 1;

    while (worst > 0 && status && strcmp(status, statuses[worst]) != 0)
        worst--;
    return worst;
}

/* Dates are compared as text, which is in their order. */
static bool is_before(const json_t *one, const json_t *other, const char *name)
{
    const char *date = json_string_value(json_object_get(one, name));
    const char *other_date = json_string_value(json_object_get(other, name));

    return date && other_date && strcmp(date, other_date) < 0;
}

static void take(json_t *to, const json_t *from, const char *name)
{
    json_object_del(to, name);
    json_object_set(to, name, json_object_get(from, name));
}

/* Makes the one run.json also true of the other: counts add up, and the worst end is the run's. */
static void add_run(json_t *to, const json_t *from)
{
    static const char *const totals[] = { "itemCounts", "skipped", "throughput" };
    const json_t *seconds = json_object_get(from, "seconds");

    for (size_t i = 0; i < sizeof(totals) / sizeof(totals[0]); i++) {
        json_t *group = json_object_get(from, totals[i]);
        const char *name;
        json_t *value;

        json_object_foreach(group, name, value)
            add_number(json_object_get(to, totals[i]), group, name);
    }
    add_number(to, from, "unreadableFolders");
    if (json_is_false(json_object_get(from, "listingComplete")))
        take(to, from, "listingComplete");
    if (badness(from) > badness(to)) {
        take(to, from, "status");
        take(to, from, "error");
    }
    if (is_before(from, to, "startDate"))
        take(to, from, "startDate");
    if (is_before(to, from, "stopDate"))
        take(to, from, "stopDate");
    if (json_number_value(seconds) > json_number_value(json_object_get(to, "seconds")))
        take(to, from, "seconds");
}

static bool refuse(struct error *err, const char *key, const char *why)
{
    return error_set(err, ERROR_USAGE, "Avmap.Usage", "%s: %s", key, why);
}

static bool check_manifest(const json_t *manifest, const char *key, struct error *err)
{
    const json_t *files = json_object_get(manifest, "ResultFiles");

    for (size_t i = 0; i < KINDS; i++) {
        if (!json_is_array(json_object_get(files, kinds[i])))
            return refuse(err, key, "is not what avmap run writes: it lists no result files");
    }
    return true;
}

/* Notes the shard of run and whether it is one of this run's. */
static bool note_shard(struct merge *merge, const char *key, const json_t *run, struct error *err)
{
    const json_t *shard = json_object_get(run, "shard");
    const json_t *number = json_object_get(shard, "index");
    json_int_t index = json_is_integer(number) ? json_integer_value(number) : -1;
    json_int_t count = json_integer_value(json_object_get(shard, "count"));
    const char *id = json_string_value(json_object_get(run, "runId"));
    const char *first_id = json_string_value(json_object_get(merge->run, "runId"));

    if (!id || count < 1 || count > SHARDS_MAX || index < 0 || index >= count)
        return refuse(err, key, "its run.json does not name a shard");
    if (!merge->expected) {
        merge->expected = (unsigned)count;
        merge->seen = memory_new(merge->expected, sizeof(*merge->seen));
    }
    if ((unsigned)count != merge->expected || (first_id && strcmp(id, first_id) != 0))
        return refuse(err, key, "is of another run than the first shard");
    if (merge->seen[index])
        return refuse(err, key, "is a second copy of a shard");
    merge->seen[index] = true;
    merge->found++;
    return true;
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
    for (size_t i = 0; i < KINDS; i++)
        json_array_extend(
            json_object_get(json_object_get(merge->manifest, "ResultFiles"), kinds[i]),
            json_object_get(json_object_get(manifest, "ResultFiles"), kinds[i]));
    add_run(merge->run, run);
}

/* key is a shard's manifest.json; its run.json lies beside it. */
static bool read_shard(struct merge *merge, struct store *store, const char *key, struct error *err)
{
    size_t folder_length = strlen(key) - strlen("manifest.json");
    char *run_key = memory_format("%.*srun.json", (int)folder_length, key);
    json_t *manifest = document_read(store, key, err);
    json_t *run = manifest ? document_read(store, run_key, err) : NULL;
    bool ok = run && check_manifest(manifest, key, err) && note_shard(merge, key, run, err);

    if (ok)
        add_shard(merge, manifest, run);
    json_decref(manifest);
    json_decref(run);
    free(run_key);
    return ok;
}

/* Whether key ends in shard-NNNNN/manifest.json. */
static bool is_shard_manifest(const char *key)
{
    const char *end = strrchr(key, '/');
    const char *slash = end ? memrchr(key, '/', (size_t)(end - key)) : NULL;
    const char *folder = slash ? slash + 1 : key;
    size_t digits;

    if (!end || strcmp(end, "/manifest.json") != 0 || strncmp(folder, "shard-", 6) != 0)
        return false;
    digits = strspn(folder + 6, "0123456789");
    return digits >= 5 && folder + 6 + digits == end;
}

static bool read_folder(struct merge *merge, struct store *store, struct error *err)
{
    struct store_listing *listing = store_list(store, NULL);
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
        merge->service = s3_service_new(&merge->settings->s3, err);
        if (!merge->service)
            return false;
    }
    *store = store_open(location, merge->service, merge->cancel, false, err);
    return *store != NULL;
}

static char *missing_shards(const struct merge *merge)
{
    struct buffer text;

    if (merge->found == merge->expected)
        return NULL;
    buffer_init(&text, SIZE_MAX);
    for (unsigned i = 0; i < merge->expected; i++) {
        if (!merge->seen[i])
            buffer_append_format(&text, "%s%u", text.size ? ", " : "", i);
    }
    return buffer_take(&text);
}

static bool write_merged(struct merge *merge, struct store *store, const struct location *location,
                         struct merge_summary *summary, struct error *err)
{
    char *run_key = memory_format("%srun.json", location->prefix);
    char *key = memory_format("%smanifest.json", location->prefix);
    bool ok = document_write(store, run_key, merge->run, err) &&
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
    if (ok && merge->found == 0)
        ok = refuse(err, merge->settings->results[0],
                    "has no shard-NNNNN/manifest.json; give the folder of a sharded run, "
                    "RESULTS/<run-id>/");
    if (ok) {
        summary->expected = merge->expected;
        summary->found = merge->found;
        summary->missing = missing_shards(merge);
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
    free(merge.seen);
    return ok;
}

void merge_summary_release(struct merge_summary *summary)
{
    free(summary->missing);
    free(summary->manifest_url);
    *summary = (struct merge_summary){ 0 };
}
