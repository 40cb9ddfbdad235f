/* SPDX-License-Identifier: MIT */

/* One object to work on, and its JSON. */

#include "items/item.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/percent.h"
#include "base/utf8.h"

static json_t *percent_encoded(const char *bytes)
{
    struct buffer text;
    json_t *value;

    buffer_init(&text, SIZE_MAX);
    percent_encode(&text, bytes, PERCENT_KEEP_PRINTABLE);
    value = json_string(text.bytes);
    buffer_release(&text);
    return value;
}

void item_set_problem(struct item *item, const char *list, uint64_t line, const char *problem)
{
    item_release(item);
    item->object.key = memory_format("%s:%llu", list, (unsigned long long)line);
    item->object.size_unknown = true;
    item->problem = memory_copy_text(problem);
}

char *item_identity(const struct item *item)
{
    const struct object *object = &item->object;

    if (!object->bucket && !object->version_id)
        return memory_copy_text(object->key);
    return memory_format("s3://%s/%s%s%s", object->bucket ? object->bucket : "", object->key,
                         object->version_id ? "?versionId=" : "",
                         object->version_id ? object->version_id : "");
}

char *item_json(const struct item *item, const char *bucket)
{
    const struct object *object = &item->object;
    json_t *value = json_object();
    char *text;

    if (object->bucket || item->problem)
        bucket = object->bucket;

    if (bucket)
        json_object_set_new(value, "Bucket", json_text(bucket));
    if (object->etag)
        json_object_set_new(value, "Etag", json_text(object->etag));
    if (item->indexed)
        json_object_set_new(value, "Index", json_integer((json_int_t)item->index));
    json_object_set_new(value, "Key", json_text(object->key));
    if (!utf8_is_valid(object->key))
        json_object_set_new(value, "KeyEncoded", percent_encoded(object->key));
    if (!object->size_unknown) {
        json_object_set_new(value, "LastModified", json_integer(object->modified_ms / 1000));
        json_object_set_new(value, "Size", json_integer((json_int_t)object->size));
    }
    if (item->problem)
        json_object_set_new(value, "Problem", json_text(item->problem));
    if (object->storage_class)
        json_object_set_new(value, "StorageClass", json_text(object->storage_class));
    if (object->version_id)
        json_object_set_new(value, "VersionId", json_text(object->version_id));
    text = json_compact(value);
    json_decref(value);
    return text;
}

void item_release(struct item *item)
{
    object_release(&item->object);
    free(item->problem);
    free(item->execution);
    *item = (struct item){ .index = item->index };
}
