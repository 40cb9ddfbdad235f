/* SPDX-License-Identifier: MIT */

/* Reads manifests. */

#include "run/manifest.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "run/document.h"
#include "store/store_listing.h"

#define MANIFEST_NAME "manifest.json"

/* A folder in the run's own: another generation's files, or a shard's. */
#define GENERATION "Redrive-"
#define SHARD "shard-"

const char *const manifest_kind_names[MANIFEST_KINDS] = { "FAILED", "PENDING", "SUCCEEDED" };

static bool refuse(struct error *err, const struct manifest *manifest, const char *why)
{
    return error_set(err, ERROR_OBJECT, "Avmap.BadManifest", "%s: %s", manifest->url, why);
}

/* Takes the last part, up to its slash, off the path; it is borrowed from there. */
static const char *take_part(char *path)
{
    char *slash = strrchr(path, '/');

    if (!slash)
        return NULL;
    *slash = '\0';
    return slash + 1;
}

/* The number behind prefix, when text is both and no more; else 0. */
static unsigned numbered(const char *text, const char *prefix)
{
    uint64_t number = 0;

    if (strncmp(text, prefix, strlen(prefix)) == 0 &&
        number_parse_count(text + strlen(prefix), INT_MAX, &number))
        return (unsigned)number;
    return 0;
}

/* "shard-00003-0123abcd", the last part being an attempt's own. */
bool manifest_is_shard_folder(const char *name, size_t length)
{
    const char *end = name + length;
    size_t digits;

    if (strncmp(name, SHARD, strlen(SHARD)) != 0)
        return false;
    name += strlen(SHARD);
    digits = strspn(name, "0123456789");
    name += digits;
    return digits >= 5 && *name == '-' && strspn(name + 1, "0123456789abcdef") == 8 &&
           name + 9 == end;
}

static bool is_shard(const char *name)
{
    return manifest_is_shard_folder(name, strlen(name));
}

/*
 * Takes "<place>/<run-id>/[Redrive-<n>/]manifest.json" apart, or the same without its last part.
 * folder becomes what lies between the run's folder and the manifest.
 */
static bool take_apart(struct manifest *manifest, char *path, char **folder, struct error *err)
{
    const char *part = take_part(path);

    *folder = NULL;
    if (part && (!part[0] || strcmp(part, MANIFEST_NAME) == 0))
        part = take_part(path);
    if (part && (numbered(part, GENERATION) || is_shard(part))) {
        manifest->is_shard = part[0] == SHARD[0];
        manifest->generation = numbered(part, GENERATION);
        *folder = memory_format("%s/", part);
        part = take_part(path);
    }
    if (!part || !uuid_is_valid(part)) {
        free(*folder);
        *folder = NULL;
        return error_set(err, ERROR_USAGE, "Avmap.Usage",
                         "%s is not where a run's manifest lies: RESULTS/<run-id>/" MANIFEST_NAME,
                         manifest->url);
    }
    memcpy(manifest->run_id, part, UUID_SIZE);
    if (!*folder)
        *folder = memory_copy_text("");
    return true;
}

/* Reads url into place, run_id and folder. */
static bool find_place(const char *url, struct manifest *manifest, char **folder, struct error *err)
{
    struct location *place = &manifest->place;
    char *path;
    bool ok;

    manifest->url = memory_copy_text(url);
    if (!location_parse(url, place, err))
        return false;
    /* Keys in S3 begin without a slash, so one is put there to be taken off. */
    path = place->kind == LOCATION_S3 ? memory_format("/%s", place->prefix)
                                      : memory_copy_text(place->container);
    ok = take_apart(manifest, path, folder, err);
    if (ok && place->kind == LOCATION_S3) {
        free(place->prefix);
        place->prefix = memory_copy_text(path[0] ? path + 1 : "");
        location_make_folder(place);
    } else if (ok) {
        free(place->container);
        place->container = memory_copy_text(path[0] ? path : "/");
    }
    free(path);
    return ok;
}

/* "FAILED_0.json" or "FAILED_0.jsonl", for any number. */
static bool is_file_name(const char *name, const char *kind)
{
    size_t length = strlen(kind);
    size_t digits;

    if (strncmp(name, kind, length) != 0 || name[length] != '_')
        return false;
    digits = strspn(name + length + 1, "0123456789");
    name += length + 1 + digits;
    return digits > 0 && (strcmp(name, ".json") == 0 || strcmp(name, ".jsonl") == 0);
}

/*
 * What follows "<run-id>/" in a file's key, when it is a name that a run writes; else NULL.
 * Whatever is before that is not used: the files of a copy lie beside the copy.
 */
static const char *name_in_run(const struct manifest *manifest, const char *key, const char *kind)
{
    char *mark = memory_format("%s/", manifest->run_id);
    const char *at = strstr(key, mark);
    const char *name = at && (at == key || at[-1] == '/') ? at + strlen(mark) : NULL;
    const char *slash = name ? strchr(name, '/') : NULL;
    char *folder = slash ? memory_copy_bytes(name, (size_t)(slash - name)) : NULL;
    bool ok = name;

    if (folder)
        ok = numbered(folder, GENERATION) || is_shard(folder);
    ok = ok && is_file_name(slash ? slash + 1 : name, kind);
    free(folder);
    free(mark);
    return ok ? name : NULL;
}

/* A key in the same place as the manifest: one of another prefix is not this run's. */
static bool is_in_place(const struct manifest *manifest, const char *key, const char *name)
{
    const char *prefix = manifest->place.prefix;
    size_t length = strlen(prefix);

    return manifest->place.kind == LOCATION_DIRECTORY ||
           (strncmp(key, prefix, length) == 0 && key + length + UUID_SIZE == name);
}

static bool add_file(struct manifest *manifest, enum manifest_kind kind, const json_t *entry,
                     struct error *err)
{
    struct manifest_files *files = &manifest->kinds[kind];
    const char *key = json_string_value(json_object_get(entry, "Key"));
    const json_t *size = json_object_get(entry, "Size");
    const char *name;
    char *own;

    if (!key || !json_is_integer(size) || json_integer_value(size) < 0)
        return refuse(err, manifest, "lists a result file without Key or Size");
    name = name_in_run(manifest, key, manifest_kind_names[kind]);
    if (!name || !is_in_place(manifest, key, name))
        return error_set(err, ERROR_OBJECT, "Avmap.BadManifest",
                         "%s: lists %s, which is no result file of the run %s", manifest->url, key,
                         manifest->run_id);
    own = memory_format("%s%s/%s", manifest->place.prefix, manifest->run_id, name);
    files->files = memory_grow(files->files, files->count + 1, sizeof(*files->files));
    files->files[files->count++] =
        (struct record_file){ .key = own, .size = (uint64_t)json_integer_value(size) };
    if (kind == MANIFEST_SUCCEEDED)
        json_array_append_new(manifest->succeeded,
                              json_pack("{s:o, s:O}", "Key", json_text(own), "Size", size));
    return true;
}

static bool read_files(struct manifest *manifest, const json_t *value, struct error *err)
{
    const json_t *all = json_object_get(value, "ResultFiles");

    manifest->succeeded = json_array();
    for (int kind = 0; kind < MANIFEST_KINDS; kind++) {
        const json_t *entries = json_object_get(all, manifest_kind_names[kind]);
        const json_t *entry;
        size_t i;

        if (!json_is_array(entries))
            return refuse(err, manifest, "lists no result files; it is no manifest of a run");
        json_array_foreach(entries, i, entry) if (!add_file(manifest, (enum manifest_kind)kind,
                                                            entry, err)) return false;
    }
    return true;
}

/* A copy in another bucket lists files that are not its own. */
static bool check_bucket(const struct manifest *manifest, const json_t *value, struct error *err)
{
    const char *bucket = json_string_value(json_object_get(value, "DestinationBucket"));

    if (!bucket)
        return refuse(err, manifest, "names no DestinationBucket; it is no manifest of a run");
    if (manifest->place.kind == LOCATION_DIRECTORY ||
        strcmp(bucket, manifest->place.container) == 0)
        return true;
    return error_set(err, ERROR_OBJECT, "Avmap.BadManifest",
                     "%s: its files are in the bucket %s; give the manifest there", manifest->url,
                     bucket);
}

/* run.json is ours alone: where Step Functions wrote the manifest there is none. */
static bool read_run(struct manifest *manifest, struct store *store, const char *folder,
                     struct error *err)
{
    char *key = memory_format("%s%srun.json", manifest->place.prefix, folder);
    const char *id;

    manifest->run = document_read(store, key, err);
    free(key);
    if (!manifest->run)
        return err->kind == ERROR_NOT_FOUND;
    id = json_string_value(json_object_get(manifest->run, "runId"));
    return (id && strcmp(id, manifest->run_id) == 0) ||
           refuse(err, manifest, "the run.json beside it is of another run");
}

/* Looks which generations are there already. */
static bool find_newest(struct manifest *manifest, struct s3_service *service,
                        const struct cancel *cancel, struct error *err)
{
    struct location run;
    struct store *store;
    struct store_listing *listing;
    size_t length;
    bool found = true;
    bool ok = true;

    location_below(&manifest->place, manifest->run_id, &run);
    length = strlen(run.prefix);
    store = store_open(&run, service, cancel, false, err);
    listing = store ? store_listing_open(store, NULL) : NULL;
    while (listing && ok && found) {
        struct object object = { 0 };

        ok = store_listing_next(listing, &object, &found, err);
        if (ok && found) {
            char *name = memory_copy_text(object.key + length);
            unsigned n;

            name[strcspn(name, "/")] = '\0';
            n = numbered(name, GENERATION);
            if (n > manifest->newest)
                manifest->newest = n;
            free(name);
        }
        object_release(&object);
    }
    store_listing_close(listing);
    store_close(store);
    location_release(&run);
    return listing && ok;
}

static bool read_documents(struct manifest *manifest, struct store *store, const char *below,
                           struct error *err)
{
    char *folder = memory_format("%s/%s", manifest->run_id, below);
    char *key = memory_format("%s%s" MANIFEST_NAME, manifest->place.prefix, folder);
    json_t *value = document_read(store, key, err);
    const char *arn = json_string_value(json_object_get(value, "MapRunArn"));
    bool ok = false;

    free(manifest->url);
    manifest->url = location_url(&manifest->place, key);
    manifest->map_run_arn = memory_copy_text(arn ? arn : "");
    if (value)
        ok = check_bucket(manifest, value, err) && read_files(manifest, value, err) &&
             read_run(manifest, store, folder, err);
    else
        error_prefix(err, "%s", manifest->place.container);
    json_decref(value);
    free(key);
    free(folder);
    return ok;
}

bool manifest_read(const char *url, struct s3_service *service, const struct cancel *cancel,
                   struct manifest *manifest, struct error *err)
{
    struct store *store;
    char *below = NULL;
    bool ok;

    *manifest = (struct manifest){ 0 };
    if (!find_place(url, manifest, &below, err))
        return false;
    store = store_open(&manifest->place, service, cancel, false, err);
    ok = store && read_documents(manifest, store, below, err) &&
         find_newest(manifest, service, cancel, err);
    store_close(store);
    free(below);
    return ok;
}

void manifest_release(struct manifest *manifest)
{
    for (int kind = 0; kind < MANIFEST_KINDS; kind++) {
        struct manifest_files *files = &manifest->kinds[kind];

        for (size_t i = 0; i < files->count; i++)
            free(files->files[i].key);
        free(files->files);
    }
    json_decref(manifest->run);
    json_decref(manifest->succeeded);
    free(manifest->map_run_arn);
    free(manifest->url);
    location_release(&manifest->place);
    *manifest = (struct manifest){ 0 };
}
