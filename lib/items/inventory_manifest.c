/* SPDX-License-Identifier: MIT */

/* Reads inventory manifests. */

#include "items/inventory_manifest.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"

static bool refuse(struct error *err, const char *what)
{
    return error_set(err, ERROR_OBJECT, "Avmap.BadList", "%s", what);
}

/* Sets *name to a member that is a string. */
static bool read_text(const json_t *object, const char *member, const char **text,
                      struct error *err)
{
    *text = json_string_value(json_object_get(object, member));
    return *text || error_set(err, ERROR_OBJECT, "Avmap.BadList",
                              "it has no %s, so it is not the manifest of an S3 Inventory", member);
}

static bool check_format(const json_t *root, struct error *err)
{
    const char *format;

    if (!read_text(root, "fileFormat", &format, err))
        return false;
    if (strcmp(format, "CSV") == 0)
        return true;
    return error_set(err, ERROR_OBJECT, "Avmap.BadList",
                     "the inventory's files are %s, avmap reads CSV ones; change the inventory's "
                     "output format",
                     format);
}

/* "Bucket, Key, Size": columns by name, wherever they are. */
static void read_columns(struct inventory_manifest *manifest, const char *schema)
{
    static const char *const names[] = {
        "Bucket",           "Key",  "VersionId",    "IsLatest", "IsDeleteMarker", "Size",
        "LastModifiedDate", "ETag", "StorageClass",
    };

    for (int i = 0; i < INVENTORY_COLUMNS; i++)
        manifest->columns[i] = -1;
    for (int field = 0; *schema; field++) {
        size_t length;

        schema += strspn(schema, " ");
        length = strcspn(schema, ", ");
        for (int i = 0; i < INVENTORY_COLUMNS; i++) {
            if (strlen(names[i]) == length && strncmp(schema, names[i], length) == 0)
                manifest->columns[i] = field;
        }
        schema += strcspn(schema, ",");
        schema += *schema == ',';
    }
}

static bool read_files(struct inventory_manifest *manifest, const json_t *root, struct error *err)
{
    const json_t *files = json_object_get(root, "files");
    size_t count = json_array_size(files);

    if (!json_is_array(files))
        return refuse(err, "it has no files, so it is not the manifest of an S3 Inventory");
    manifest->files = memory_new(count ? count : 1, sizeof(*manifest->files));
    for (size_t i = 0; i < count; i++) {
        const json_t *file = json_array_get(files, i);
        const char *key;
        const char *md5;

        if (!read_text(file, "key", &key, err) || !read_text(file, "MD5checksum", &md5, err))
            return false;
        manifest->files[i].key = memory_copy_text(key);
        manifest->files[i].md5 = memory_copy_text(md5);
        manifest->file_count++;
    }
    return true;
}

static bool read_manifest(struct inventory_manifest *manifest, const json_t *root,
                          struct error *err)
{
    static const char arn[] = ":s3:::";
    const char *source;
    const char *destination;
    const char *schema;
    const char *name;

    if (!check_format(root, err) || !read_text(root, "sourceBucket", &source, err) ||
        !read_text(root, "destinationBucket", &destination, err) ||
        !read_text(root, "fileSchema", &schema, err))
        return false;
    name = strstr(destination, arn);
    manifest->source_bucket = memory_copy_text(source);
    manifest->bucket = memory_copy_text(name ? name + strlen(arn) : destination);
    read_columns(manifest, schema);
    if (manifest->columns[INVENTORY_KEY] < 0)
        return refuse(err, "its fileSchema has no Key");
    return read_files(manifest, root, err);
}

bool inventory_manifest_parse(const char *text, size_t size, struct inventory_manifest *manifest,
                              struct error *err)
{
    json_error_t reason;
    json_t *root = json_loadb(text, size, 0, &reason);
    bool ok;

    *manifest = (struct inventory_manifest){ 0 };
    if (!root)
        return error_set(err, ERROR_OBJECT, "Avmap.BadList", "line %d: it is no JSON: %s",
                         reason.line, reason.text);
    ok = read_manifest(manifest, root, err);
    json_decref(root);
    return ok;
}

void inventory_manifest_release(struct inventory_manifest *manifest)
{
    for (size_t i = 0; i < manifest->file_count; i++) {
        free(manifest->files[i].key);
        free(manifest->files[i].md5);
    }
    free(manifest->files);
    free(manifest->source_bucket);
    free(manifest->bucket);
    *manifest = (struct inventory_manifest){ 0 };
}
