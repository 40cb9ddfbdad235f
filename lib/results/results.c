/* SPDX-License-Identifier: MIT */

/* Collects records and stores the result files. */

#include "results/results.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/budget.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/spool.h"
#include "base/uuid.h"

/* Timed out and aborted items are in the FAILED files, as in Step Functions. */
enum file_kind { FILE_FAILED, FILE_PENDING, FILE_SUCCEEDED, FILE_KINDS };

static const char *const file_kind_names[FILE_KINDS] = { "FAILED", "PENDING", "SUCCEEDED" };

/* Records in memory before they go on in temporary files. */
enum { RECORDS_IN_MEMORY = 8 * 1024 * 1024 };

/* Step Functions allows 1000. */
enum { GENERATIONS_MAX = 1000000 };

/* The files of one kind; records go into the last one. */
struct file_list {
    struct spool *files; /* owned */
    size_t count;
};

struct results {
    struct results_settings settings;
    char *folder; /* owned; below the run's own */
    char *manifest_url;
    struct budget budget;
    pthread_mutex_t lock;

    /* Guarded by lock. */
    struct file_list lists[FILE_KINDS];
    struct earlier *earlier; /* owned; NULL: there was no attempt before, or nobody asked */
    struct error lost;       /* the first failure to keep a record */
};

static char *file_key(const struct results *results, const char *name)
{
    const struct results_settings *settings = &results->settings;

    return memory_format("%s%s/%s%s", settings->place->prefix, settings->run->id, results->folder,
                         name);
}

static void set_folder(struct results *results, char *folder)
{
    char *key;

    free(results->folder);
    results->folder = folder;
    free(results->manifest_url);
    key = file_key(results, "manifest.json");
    results->manifest_url = location_url(results->settings.place, key);
    free(key);
}

struct results *results_new(const struct results_settings *settings)
{
    struct results *results = memory_new(1, sizeof(*results));

    results->settings = *settings;
    budget_init(&results->budget, RECORDS_IN_MEMORY);
    pthread_mutex_init(&results->lock, NULL);
    set_folder(results, memory_copy_text(settings->folder));
    return results;
}

void results_free(struct results *results)
{
    if (!results)
        return;
    for (int kind = 0; kind < FILE_KINDS; kind++) {
        struct file_list *list = &results->lists[kind];

        for (size_t i = 0; i < list->count; i++)
            spool_release(&list->files[i]);
        free(list->files);
    }
    pthread_mutex_destroy(&results->lock);
    earlier_free(results->earlier);
    free(results->folder);
    free(results->manifest_url);
    free(results);
}

const char *results_manifest_url(const struct results *results)
{
    return results->manifest_url;
}

static enum file_kind kind_of(enum outcome outcome)
{
    if (outcome == OUTCOME_SUCCEEDED)
        return FILE_SUCCEEDED;
    return outcome == OUTCOME_PENDING ? FILE_PENDING : FILE_FAILED;
}

static bool append(struct spool *file, const char *text, size_t size, struct error *err)
{
    return spool_write(file, file->size, text, size, err);
}

/*
 * In an array "[" comes before the first record and "," before the others, in one write with it so
 * that a failed one leaves no trace; text begins with room for that. "]" comes when the file is
 * stored.
 */
static bool append_record_locked(struct results *results, struct file_list *list, char *text,
                                 struct error *err)
{
    const struct results_settings *settings = &results->settings;
    size_t length = strlen(text);
    struct spool *file = list->count ? &list->files[list->count - 1] : NULL;

    if (!file || file->size + length + strlen("]") > settings->max_file_size) {
        list->files = memory_grow(list->files, list->count + 1, sizeof(*list->files));
        file = &list->files[list->count++];
        spool_init(file, &results->budget);
    }
    if (settings->format == RESULTS_JSON)
        text[0] = file->size ? ',' : '[';
    return append(file, text, length, err);
}

/* Notes that not all records are here. Returns false. */
static bool lose(struct results *results, const struct error *err)
{
    if (!results->lost.kind)
        results->lost = *err;
    return false;
}

/* http_status is what refused a failed item, 0 when no server did. */
static bool append_text_locked(struct results *results, enum outcome outcome, const char *json,
                               int http_status, struct error *err)
{
    bool is_array = results->settings.format == RESULTS_JSON;
    char *text = memory_format(is_array ? " %s" : "%s\n", json);
    struct completion *completion = results->settings.completion;
    bool ok = append_record_locked(results, &results->lists[kind_of(outcome)], text, err) &&
              (!completion || completion_add(completion, json, http_status, err));

    free(text);
    return ok || lose(results, err);
}

bool results_resume(struct results *results, struct earlier_keys *keys, struct error *err)
{
    bool ok;

    pthread_mutex_lock(&results->lock);
    results->earlier = earlier_new(results->settings.journal);
    ok = earlier_read(results->earlier, keys, err);
    pthread_mutex_unlock(&results->lock);
    return ok;
}

/* The record and its line in the journal, unless an earlier one stands instead. */
static bool add_locked(struct results *results, const struct record *record, const char *json,
                       struct error *err)
{
    struct journal *journal = results->settings.journal;
    int http_status = record->error ? record->error->http_status : 0;
    bool stands = false;

    if (results->earlier && !earlier_judge(results->earlier, record, &stands, err))
        return lose(results, err);
    return stands || (append_text_locked(results, record->outcome, json, http_status, err) &&
                      (!journal || journal_add(journal, record->outcome, record->key, json, err)));
}

bool results_add(struct results *results, const struct record *record, struct error *err)
{
    char *json = record_json(record, results->settings.run);
    bool ok;

    pthread_mutex_lock(&results->lock);
    ok = add_locked(results, record, json, err);
    pthread_mutex_unlock(&results->lock);
    free(json);
    if (!ok)
        error_prefix(err, "keep the record of %s", record->key);
    return ok;
}

bool results_take_over(struct results *results, struct error *err)
{
    const char *json;
    bool found = results->earlier != NULL;
    bool ok = true;

    while (ok && found) {
        ok = earlier_next(results->earlier, &json, &found, err) || lose(results, err);
        if (ok && found)
            ok = append_text_locked(results, OUTCOME_SUCCEEDED, json, 0, err);
    }
    return ok;
}

/* Step Functions' own types: it uploads record files in parts and the manifest at once. */
#define RECORDS_TYPE "binary/octet-stream"
#define DOCUMENT_TYPE "application/octet-stream"

static bool store_file(struct results *results, struct store *store, const char *name,
                       const struct spool *file, const struct store_put_request *request,
                       struct error *err)
{
    char *key = file_key(results, name);
    bool ok = store_put(store, key, file, request, NULL, err);

    if (!ok)
        error_prefix(err, "write the result file %s", name);
    free(key);
    return ok;
}

static bool store_text(struct results *results, struct store *store, const char *name,
                       const char *text, bool only_new, struct error *err)
{
    struct store_put_request request = { .content_type = DOCUMENT_TYPE,
                                         .is_record = true,
                                         .only_new = only_new };
    struct spool file;
    bool ok;

    spool_init(&file, &results->budget);
    ok = append(&file, text, strlen(text), err) &&
         store_file(results, store, name, &file, &request, err);
    spool_release(&file);
    return ok;
}

static bool end_file(const struct results *results, struct spool *file, struct error *err)
{
    const char *end = file->size ? "]" : "[]";

    return results->settings.format == RESULTS_JSONL || append(file, end, strlen(end), err);
}

/* Stores the files of one kind and lists them, with their exact sizes, in *entries. */
static bool store_kind(struct results *results, struct store *store, enum file_kind kind,
                       json_t *entries, struct error *err)
{
    struct file_list *list = &results->lists[kind];
    const char *extension = results->settings.format == RESULTS_JSON ? "json" : "jsonl";
    struct store_put_request request = { .content_type = RECORDS_TYPE, .is_record = true };

    for (size_t i = 0; i < list->count; i++) {
        struct spool *file = &list->files[i];
        char *name = memory_format("%s_%zu.%s", file_kind_names[kind], i, extension);
        char *key = file_key(results, name);
        bool ok =
            end_file(results, file, err) && store_file(results, store, name, file, &request, err);

        json_array_append_new(entries, json_pack("{s:o, s:I}", "Key", json_text(key), "Size",
                                                 (json_int_t)file->size));
        free(key);
        free(name);
        if (!ok)
            return false;
    }
    return true;
}

static char *manifest_json(const struct results *results, json_t *files)
{
    const struct results_redrive *redrive = results->settings.redrive;
    char *arn = redrive ? memory_copy_text(redrive->map_run_arn)
                        : record_map_run_arn(results->settings.run);
    json_t *manifest = json_pack("{s:o, s:o, s:O}", "DestinationBucket",
                                 json_text(results->settings.place->container), "MapRunArn",
                                 json_text(arn), "ResultFiles", files);
    char *text = json_compact(manifest);

    json_decref(manifest);
    free(arn);
    return text;
}

/*
 * run.json is what a generation is taken by: it is there before its manifest, and the real one
 * replaces it.
 */
bool results_claim(struct results *results, struct store *store, unsigned *generation,
                   struct error *err)
{
    unsigned n = results->settings.redrive->next;

    for (;; n++) {
        char claim[UUID_SIZE]; /* tells these bytes from those of another redrive of the run */
        char *text = memory_format("{\"claim\":\"%s\",\"redriveCount\":%u,\"runId\":\"%s\","
                                   "\"status\":\"RUNNING\"}",
                                   uuid_random(claim), n, results->settings.run->id);
        bool ok;

        set_folder(results, memory_format("Redrive-%u/", n));
        ok = store_text(results, store, "run.json", text, true, err);
        free(text);
        *generation = n;
        if (ok || strcmp(err->word, "Avmap.AlreadyExists") != 0 || n == GENERATIONS_MAX)
            return ok;
    }
}

bool results_finish(struct results *results, struct store *store, const char *run_json,
                    struct error *err)
{
    const struct results_redrive *redrive = results->settings.redrive;
    json_t *files = json_object();
    char *manifest = NULL;
    bool ok = false;

    /* A manifest would say that nothing else was to be done. */
    if (results->lost.kind) {
        *err = results->lost;
        error_prefix(err, "no result files are written, as not every item's record could be kept; "
                          "mend it and run the same line again");
        goto out;
    }
    for (int kind = 0; kind < FILE_KINDS; kind++) {
        json_t *entries = json_array();

        json_object_set_new(files, file_kind_names[kind], entries);
        if (redrive && kind == FILE_SUCCEEDED)
            json_array_extend(entries, (json_t *)redrive->succeeded); /* only read */
        if (!store_kind(results, store, (enum file_kind)kind, entries, err))
            goto out;
    }
    if (!store_text(results, store, "run.json", run_json, false, err))
        goto out;
    manifest = manifest_json(results, files);
    ok = store_text(results, store, "manifest.json", manifest, false, err);
    if (ok && results->settings.journal)
        journal_finish(results->settings.journal);

out:
    free(manifest);
    json_decref(files);
    return ok;
}
