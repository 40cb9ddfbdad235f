/* SPDX-License-Identifier: MIT */

/* Items from the CSV files of an S3 Inventory. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/percent.h"
#include "items/csv_rows.h"
#include "items/inventory_manifest.h"
#include "items/item_entry.h"
#include "items/item_source.h"
#include "items/list_text.h"
#include "store/location.h"

/* A manifest names some thousand files at most; this is what a million of them would take. */
enum { MANIFEST_MAX = 256 * 1024 * 1024, FOLDERS_UP_MAX = 64 };

struct inventory_source {
    struct item_source source; /* first, so that either pointer is the other */
    const struct item_list *list;
    struct inventory_manifest manifest;
    struct location folder; /* of the files, when they are local */
    struct store *files;    /* owned; NULL: they are in S3, by way of the list's store */
    bool beside;            /* local files lie there by their last names */
    size_t next_file;
    struct list_text *text; /* NULL between files */
    struct csv_row row;
};

static bool read_all(struct list_text *text, struct buffer *bytes, struct error *err)
{
    int byte;

    while ((byte = list_text_byte(text, err)) >= 0) {
        char one = (char)byte;

        if (!buffer_append(bytes, &one, 1))
            return error_set(err, ERROR_OBJECT, "Avmap.BadList", "the manifest is over 256 MiB");
    }
    return byte == LIST_TEXT_END;
}

/* An object of the list's store as text in memory; md5 as list_text_open has it. */
static bool read_object(const struct item_list *list, const char *key, const char *md5,
                        struct buffer *bytes, struct error *err)
{
    const struct object object = { .key = (char *)key, .needs_look_up = true };
    struct list_text *text = list_text_open(list->store, &object, list->name, md5, err);
    bool ok = text && read_all(text, bytes, err);

    list_text_close(text);
    return ok;
}

/* manifest.checksum beside the manifest holds its MD5; a copy of an inventory may lack it. */
static bool find_checksum(const struct item_list *list, struct buffer *md5, struct error *err)
{
    const char *slash = strrchr(list->key, '/');
    char *key =
        memory_format("%.*smanifest.checksum", slash ? (int)(slash + 1 - list->key) : 0, list->key);
    struct error failure;
    bool ok = read_object(list, key, NULL, md5, &failure);

    free(key);
    if (ok && md5->size > 0)
        md5->bytes[strspn(md5->bytes, "0123456789abcdefABCDEF")] = '\0';
    if (ok)
        return true;
    buffer_clear(md5);
    if (failure.kind == ERROR_NOT_FOUND || failure.kind == ERROR_DENIED)
        return true;
    *err = failure;
    return false;
}

static bool read_manifest(struct inventory_source *self, struct error *err)
{
    const struct item_list *list = self->list;
    struct buffer text;
    struct buffer md5;
    bool ok;

    buffer_init(&text, MANIFEST_MAX);
    buffer_init(&md5, 4096);
    ok = find_checksum(list, &md5, err) &&
         read_object(list, list->key, md5.bytes[0] ? md5.bytes : NULL, &text, err);
    if (ok) {
        ok = inventory_manifest_parse(text.bytes, text.size, &self->manifest, err);
        if (!ok)
            error_prefix(err, "%s", list->name);
    }
    buffer_release(&text);
    buffer_release(&md5);
    return ok;
}

static const char *last_name(const char *key)
{
    const char *slash = strrchr(key, '/');

    return slash ? slash + 1 : key;
}

/* Whether the first data file is below a local folder, by its key or its last name. */
static bool is_in(struct inventory_source *self, const char *folder, bool beside, struct error *err)
{
    struct store_info info = { 0 };
    const char *key = self->manifest.files[0].key;
    bool found = false;

    location_release(&self->folder);
    if (!location_parse(folder, &self->folder, err))
        return false;
    self->files = store_open(&self->folder, NULL, NULL, false, err);
    if (self->files && store_stat(self->files, beside ? last_name(key) : key, &info, &found, err) &&
        found) {
        store_info_release(&info);
        self->beside = beside;
        return true;
    }
    store_close(self->files);
    self->files = NULL;
    return false;
}

/*
 * Where the files of a manifest that was copied from S3 are: by their keys below a folder above it,
 * as after a copy of the bucket; or in data, as S3 has it, or beside it.
 */
static bool find_files(struct inventory_source *self, struct error *err)
{
    static const char *const near[] = { "../data", "data", "." };
    const char *slash = strrchr(self->list->name, '/');
    char *folder = slash ? memory_copy_bytes(self->list->name, (size_t)(slash - self->list->name))
                         : memory_copy_text(".");
    struct error failure;
    bool found = false;

    for (size_t i = 0; !found && i < sizeof(near) / sizeof(near[0]); i++) {
        char *path = memory_format("%s/%s", folder, near[i]);

        found = is_in(self, path, true, &failure);
        free(path);
    }
    for (int i = 0; !found && i < FOLDERS_UP_MAX; i++) {
        char *end = strrchr(folder, '/');

        found = is_in(self, folder[0] ? folder : "/", false, &failure);
        if (!end)
            break;
        *end = '\0';
    }
    free(folder);
    return found || error_set(err, ERROR_NOT_FOUND, "File.NotFound",
                              "%s: its file %s is neither in data beside it nor in a folder above",
                              self->list->name, self->manifest.files[0].key);
}

/* Opens the next file, if there is one left. */
static bool open_file(struct inventory_source *self, struct error *err)
{
    const struct inventory_file *file = &self->manifest.files[self->next_file++];
    struct object object = { .key = file->key, .needs_look_up = true };
    char *name;

    if (!self->files)
        object.bucket = self->manifest.bucket;
    else if (self->beside)
        object.key = (char *)last_name(file->key);
    name = self->files ? location_url(&self->folder, object.key)
                       : memory_format("s3://%s/%s", self->manifest.bucket, file->key);
    self->text = list_text_open(self->files ? self->files : self->list->store, &object, name,
                                file->md5, err);
    free(name);
    return self->text != NULL;
}

static const char *column(const struct inventory_source *self, enum inventory_column which)
{
    int field = self->manifest.columns[which];

    return field < 0 ? "" : csv_row_field(&self->row, (unsigned)field);
}

static char *text_of(const char *field)
{
    return field[0] ? memory_copy_text(field) : NULL;
}

static bool fill(const struct inventory_source *self, struct item *item,
                 struct item_problem *problem)
{
    struct object *object = &item->object;
    const char *bucket = column(self, INVENTORY_BUCKET);
    const char *etag = column(self, INVENTORY_ETAG);
    const char *size = column(self, INVENTORY_SIZE);

    if (self->row.problem) {
        snprintf(problem->text, sizeof(problem->text), "%s", self->row.problem);
        return false;
    }
    object->bucket = memory_copy_text(bucket[0] ? bucket : self->manifest.source_bucket);
    object->key = memory_copy_text(column(self, INVENTORY_KEY));
    object->version_id = text_of(column(self, INVENTORY_VERSION_ID));
    object->storage_class = text_of(column(self, INVENTORY_STORAGE_CLASS));
    object->etag = etag[0] ? memory_format("\"%s\"", etag) : NULL;
    object->size_unknown = !size[0];
    object->needs_look_up = !object->etag || object->size_unknown;
    /* S3 encodes keys as forms do. */
    if (!percent_decode(object->key, true))
        *problem = (struct item_problem){ "its key is not percent-encoded: a % begins no %XX" };
    else if (size[0] && !number_parse_count(size, INT64_MAX, &object->size))
        *problem = (struct item_problem){ "its Size is no number of bytes" };
    else if (item_entry_check(object->bucket, object->key, problem)) {
        (void)clock_parse_iso(column(self, INVENTORY_LAST_MODIFIED), &object->modified_ms);
        return true;
    }
    return false;
}

/* Versions that are gone or were replaced are no items. */
static bool is_current(const struct inventory_source *self)
{
    return self->row.problem ||
           (strcasecmp(column(self, INVENTORY_IS_DELETE_MARKER), "true") != 0 &&
            strcasecmp(column(self, INVENTORY_IS_LATEST), "false") != 0);
}

static bool next(struct item_source *source, struct item *item, bool *found, struct error *err)
{
    struct inventory_source *self = (struct inventory_source *)source;
    struct item_problem problem;

    *item = (struct item){ 0 };
    *found = false;
    while (!*found) {
        if (!self->text && self->next_file == self->manifest.file_count)
            return true;
        if (!self->text && !open_file(self, err))
            return false;
        if (!csv_row_read(&self->row, self->text, found, err))
            return false;
        if (!*found) {
            list_text_close(self->text);
            self->text = NULL;
        } else {
            *found = is_current(self);
        }
    }
    if (!fill(self, item, &problem))
        item_set_problem(item, list_text_name(self->text), self->row.line, problem.text);
    return true;
}

static void close_source(struct item_source *source)
{
    struct inventory_source *self = (struct inventory_source *)source;

    list_text_close(self->text);
    store_close(self->files);
    location_release(&self->folder);
    inventory_manifest_release(&self->manifest);
    csv_row_release(&self->row);
    free(self);
}

struct item_source *items_from_inventory(const struct item_list *list, struct error *err)
{
    struct inventory_source *self = memory_new(1, sizeof(*self));
    bool ok;

    self->source = (struct item_source){ .next = next, .close = close_source };
    self->list = list;
    csv_row_init(&self->row);
    ok = read_manifest(self, err);
    if (ok && self->manifest.file_count > 0 && !location_is_s3(list->name))
        ok = find_files(self, err);
    if (ok)
        return &self->source;
    close_source(&self->source);
    return NULL;
}
