/* SPDX-License-Identifier: MIT */

/* Reads plan.json. */

#include "run/plan_document.h"

#include <limits.h>
#include <stdlib.h>

#include "base/memory.h"
#include "run/document.h"

static bool read_members(const json_t *value, struct plan_document *document, struct error *err)
{
    const char *source = json_string_value(json_object_get(value, "source"));
    json_int_t shards = json_integer_value(json_object_get(value, "shards"));

    if (json_object_get(value, "status"))
        return error_set(err, ERROR_OBJECT, "Avmap.BadDocument",
                         "avmap plan has not come to its end there; run it again");
    if (!source || shards < 1 || shards > INT_MAX)
        return error_set(err, ERROR_OBJECT, "Avmap.BadDocument",
                         "plan.json is not what avmap plan writes: it has no source or no shards");
    document->source = memory_copy_text(source);
    document->shards = (unsigned)shards;
    return true;
}

bool plan_document_read(const struct location *place, const struct s3_settings *s3,
                        const struct cancel *cancel, struct plan_document *document,
                        struct error *err)
{
    bool in_s3 = place->kind == LOCATION_S3;
    struct s3_service *service = in_s3 ? s3_service_new(s3, cancel, err) : NULL;
    struct store *store = NULL;
    char *key = memory_format("%splan.json", place->prefix);
    char *url = location_url(place, place->prefix);
    json_t *value = NULL;
    bool ok = false;

    *document = (struct plan_document){ 0 };
    if (service || !in_s3)
        store = store_open(place, service, cancel, false, err);
    if (store)
        value = document_read(store, key, err);
    if (value)
        ok = read_members(value, document, err);
    if (store && !ok)
        error_prefix(err, "the plan %s", url);
    json_decref(value);
    free(url);
    free(key);
    store_close(store);
    s3_service_free(service);
    return ok;
}

void plan_document_release(struct plan_document *document)
{
    free(document->source);
    *document = (struct plan_document){ 0 };
}
