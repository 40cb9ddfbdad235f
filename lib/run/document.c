/* SPDX-License-Identifier: MIT */

/* Reads and writes small documents. */

#include "run/document.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* A manifest of 10,000 shards has some 5 MB. */
enum { DOCUMENT_MAX = 64 * 1024 * 1024 };

static json_t *parse(const struct spool *spool, const char *key, struct error *err)
{
    const char *bytes = spool_bytes(spool);
    json_error_t problem;
    json_t *value = NULL;

    if (!bytes) {
        error_set(err, ERROR_OBJECT, "Avmap.BadDocument", "%s is too long", key);
        return NULL;
    }
    value = json_loadb(bytes, (size_t)spool->size, JSON_REJECT_DUPLICATES, &problem);
    if (json_is_object(value))
        return value;
    if (value)
        error_set(err, ERROR_OBJECT, "Avmap.BadDocument", "%s is not a JSON object", key);
    else
        error_set(err, ERROR_OBJECT, "Avmap.BadDocument", "%s, line %d: %s", key, problem.line,
                  problem.text);
    json_decref(value);
    return NULL;
}

/* A document is named, not listed; the look pins what is then read. */
static bool look(struct store *store, const char *key, struct object *object, struct error *err)
{
    struct store_info info;
    bool found;

    if (!store_stat(store, key, &info, &found, err))
        return false;
    if (!found)
        return error_set(err, ERROR_NOT_FOUND, "Avmap.NoDocument", "%s is not there", key);
    *object = (struct object){
        .key = memory_copy_text(key),
        .etag = memory_copy_text(info.etag),
        .size = info.size,
        .modified_ms = info.modified_ms,
    };
    store_info_release(&info);
    return true;
}

json_t *document_read(struct store *store, const char *key, struct error *err)
{
    struct object object = { 0 };
    struct budget budget;
    struct spool spool;
    json_t *value = NULL;

    budget_init(&budget, DOCUMENT_MAX);
    spool_init(&spool, &budget);
    if (!look(store, key, &object, err))
        goto out;
    if (object.size > DOCUMENT_MAX)
        error_set(err, ERROR_OBJECT, "Avmap.BadDocument", "%s is too long, over 64 MiB", key);
    else if (store_fetch(store, &object, &spool, err))
        value = parse(&spool, key, err);

out:
    spool_release(&spool);
    object_release(&object);
    return value;
}

static bool write_bytes(struct store *store, const char *key, const char *text,
                        const char *content_type, struct error *err)
{
    struct store_put_request request = { .content_type = content_type, .is_record = true };
    struct budget budget;
    struct spool spool;
    bool ok;

    budget_init(&budget, DOCUMENT_MAX);
    spool_init(&spool, &budget);
    ok = spool_write(&spool, 0, text, strlen(text), err) &&
         store_put(store, key, &spool, &request, NULL, err);
    spool_release(&spool);
    return ok;
}

bool document_write(struct store *store, const char *key, const json_t *value, struct error *err)
{
    char *text = json_compact(value);
    bool ok = write_bytes(store, key, text, "application/octet-stream", err);

    free(text);
    return ok;
}

bool document_write_text(const char *url, const char *text, const char *content_type,
                         const struct s3_settings *s3, const struct cancel *cancel,
                         struct error *err)
{
    struct location location;
    char *key;
    bool ok = location_parse_object(url, &location, &key, err);
    bool in_s3 = ok && location.kind == LOCATION_S3;
    struct s3_service *service = in_s3 ? s3_service_new(s3, cancel, err) : NULL;
    struct store *store = NULL;

    if (ok && (service || !in_s3))
        store = store_open(&location, service, cancel, true, err);
    ok = store && write_bytes(store, key, text, content_type, err);
    store_close(store);
    s3_service_free(service);
    location_release(&location);
    free(key);
    return ok;
}
