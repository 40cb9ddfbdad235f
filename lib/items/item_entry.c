/* SPDX-License-Identifier: MIT */

/* Reads entries of lists. */

#include "items/item_entry.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attributes.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/percent.h"
#include "store/location.h"

/* S3 keys have up to 1024 bytes, and folders' names are no longer than that in practice. */
enum { KEY_MAX = 4096 };

static bool refuse(struct item_problem *problem, const char *format, ...) PRINTF_LIKE(2, 3);

static bool refuse(struct item_problem *problem, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(problem->text, sizeof(problem->text), format, arguments);
    va_end(arguments);
    return false;
}

bool item_entry_check(const char *bucket, const char *key, struct item_problem *problem)
{
    struct location location;
    struct error err;
    char *url;
    bool ok;

    if (!key || !key[0])
        return refuse(problem, "its Key is empty");
    if (strlen(key) > KEY_MAX)
        return refuse(problem, "its Key is over %d bytes long", KEY_MAX);
    if (!bucket)
        return true;
    url = memory_format("s3://%s/", bucket);
    ok = location_parse(url, &location, &err) && strcmp(location.container, bucket) == 0;
    location_release(&location);
    free(url);
    return ok || refuse(problem, "its Bucket \"%.80s\" cannot be one", bucket);
}

static bool read_string(const char *text, struct item *item, struct item_problem *problem)
{
    struct location location;
    struct error err;

    if (!location_is_s3(text)) {
        item->object.key = memory_copy_text(text);
        return item_entry_check(NULL, text, problem);
    }
    if (!location_parse(text, &location, &err)) {
        location_release(&location);
        return refuse(problem, "it is no S3 URL: %.200s", err.text);
    }
    item->object.bucket = location.container;
    item->object.key = location.prefix;
    return item_entry_check(item->object.bucket, item->object.key, problem);
}

/* A copy of a member that is a string; null is as good as missing. */
static bool read_text(const json_t *entry, const char *name, char **text,
                      struct item_problem *problem)
{
    const json_t *value = json_object_get(entry, name);

    if (!value || json_is_null(value))
        return true;
    if (!json_is_string(value))
        return refuse(problem, "its %s is no string", name);
    free(*text);
    *text = json_string_length(value) ? memory_copy_text(json_string_value(value)) : NULL;
    return true;
}

/* Listings have a number, inventories as Step Functions reads them a string. */
static bool read_size(const json_t *entry, struct object *object, struct item_problem *problem)
{
    const json_t *value = json_object_get(entry, "Size");

    if (!value || json_is_null(value))
        return true;
    object->size_unknown = false;
    if (json_is_integer(value) && json_integer_value(value) >= 0) {
        object->size = (uint64_t)json_integer_value(value);
        return true;
    }
    if (json_is_string(value) &&
        number_parse_count(json_string_value(value), INT64_MAX, &object->size))
        return true;
    return refuse(problem, "its Size is no number of bytes");
}

/* Seconds since 1970 in listings as Step Functions has them, else ISO 8601. */
static bool read_time(const json_t *entry, struct object *object, struct item_problem *problem)
{
    const json_t *value = json_object_get(entry, "LastModified");
    const int64_t longest = INT64_MAX / 1000;
    int64_t seconds;

    if (!value)
        value = json_object_get(entry, "LastModifiedDate");
    if (!value || json_is_null(value))
        return true;
    seconds = json_integer_value(value);
    if (json_is_integer(value) && seconds < longest && seconds > -longest) {
        object->modified_ms = seconds * 1000;
        return true;
    }
    if (json_is_string(value) && clock_parse_iso(json_string_value(value), &object->modified_ms))
        return true;
    return refuse(problem, "its LastModified is neither seconds nor a date");
}

/* A name that is no UTF-8 is exact in KeyEncoded only (item.h). */
static bool read_key(const json_t *entry, struct object *object, struct item_problem *problem)
{
    if (!read_text(entry, "Key", &object->key, problem))
        return false;
    if (!object->key)
        return refuse(problem, "it has no Key");
    if (!read_text(entry, "KeyEncoded", &object->key, problem))
        return false;
    if (!object->key || (json_is_string(json_object_get(entry, "KeyEncoded")) &&
                         !percent_decode(object->key, false)))
        return refuse(problem, "its KeyEncoded is not percent-encoded");
    return true;
}

/* Plans and records of ours have it; in other lists the name may mean anything. */
static void read_index(const json_t *entry, struct item *item)
{
    const json_t *value = json_object_get(entry, "Index");

    item->indexed = json_is_integer(value) && json_integer_value(value) >= 0;
    if (item->indexed)
        item->index = (uint64_t)json_integer_value(value);
}

static bool read_object(const json_t *entry, struct item *item, struct item_problem *problem)
{
    struct object *object = &item->object;
    const char *earlier = json_string_value(json_object_get(entry, "Problem"));

    if (earlier) /* a record of ours, from an earlier run of the same list */
        return refuse(problem, "%.250s", earlier);
    read_index(entry, item);
    return read_key(entry, object, problem) &&
           read_text(entry, "Bucket", &object->bucket, problem) &&
           item_entry_check(object->bucket, object->key, problem) &&
           read_text(entry, "VersionId", &object->version_id, problem) &&
           read_text(entry, "ETag", &object->etag, problem) &&
           read_text(entry, "Etag", &object->etag, problem) &&
           read_text(entry, "StorageClass", &object->storage_class, problem) &&
           read_size(entry, object, problem) && read_time(entry, object, problem);
}

/* If-Match wants them, and not everybody writes them. */
static void quote_etag(struct object *object)
{
    char *bare = object->etag;

    if (!bare || bare[0] == '"')
        return;
    object->etag = memory_format("\"%s\"", bare);
    free(bare);
}

bool item_entry_read(const char *text, size_t size, struct item *item, struct item_problem *problem)
{
    json_error_t reason;
    json_t *entry = json_loadb(text, size, JSON_DECODE_ANY, &reason);
    bool ok;

    *item = (struct item){ 0 };
    if (!entry)
        return refuse(problem, "it is no JSON: %s", reason.text);
    item->object.size_unknown = true;
    if (json_is_string(entry))
        ok = read_string(json_string_value(entry), item, problem);
    else if (json_is_object(entry))
        ok = read_object(entry, item, problem);
    else
        ok = refuse(problem, "it is neither an object nor a string");
    json_decref(entry);
    if (!ok)
        item_release(item);
    quote_etag(&item->object);
    item->object.needs_look_up = !item->object.etag || item->object.size_unknown;
    return ok;
}
