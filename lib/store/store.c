/* SPDX-License-Identifier: MIT */

/* Chooses between S3 and folders. */

#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "directory/directory_path.h"
#include "directory/directory_read.h"
#include "directory/directory_remove.h"
#include "directory/directory_stat.h"
#include "directory/directory_write.h"
#include "s3/s3_delete.h"
#include "s3/s3_download.h"
#include "s3/s3_stat.h"
#include "store/store_parts.h"

static bool make_folders(const char *path, struct error *err)
{
    char *part = memory_copy_text(path);
    bool ok = true;

    for (char *slash = strchr(part + 1, '/'); ok; slash = strchr(slash + 1, '/')) {
        if (slash)
            *slash = '\0';
        if (mkdir(part, 0777) < 0 && errno != EEXIST)
            ok = error_set_errno(err, ERROR_LOCAL, errno, "make folder %s", part);
        if (!slash)
            break;
        *slash = '/';
    }
    free(part);
    return ok;
}

static bool open_root(struct store *store, bool create, struct error *err)
{
    const char *path = store->location->container;

    if (create && !make_folders(path, err))
        return false;
    store->root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (store->root < 0 && errno == ENOTDIR)
        return error_set(err, ERROR_LOCAL, "File.NotAFolder", "%s is a file, not a folder", path);
    if (store->root < 0)
        return error_set_errno(err, ERROR_LOCAL, errno, "open folder %s", path);
    return true;
}

struct store *store_open(const struct location *location, struct s3_service *service,
                         const struct cancel *cancel, bool create, struct error *err)
{
    struct store *store = memory_new(1, sizeof(*store));

    store->location = location;
    store->service = service;
    store->cancel = cancel;
    store->root = -1;
    if (location->kind == LOCATION_S3)
        store->client = s3_client_open(service, cancel);
    if (store->client || open_root(store, create, err))
        return store;
    store_close(store);
    return NULL;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    s3_client_close(store->client);
    s3_client_close(store->foreign);
    if (store->root >= 0)
        close(store->root);
    free(store);
}

bool store_check(struct store *store, bool writing, struct error *err)
{
    const char *container = store->location->container;

    if (store->client)
        return s3_client_check_bucket(store->client, container, err);
    if (faccessat(AT_FDCWD, container, R_OK | X_OK | (writing ? W_OK : 0), AT_EACCESS) < 0)
        return error_set_errno(err, ERROR_LOCAL, errno, "%s folder %s",
                               writing ? "write to" : "read", container);
    return true;
}

bool store_client(struct store *store, const struct object *object, struct s3_client **client,
                  struct error *err)
{
    *client = store->client;
    if (store->client || !object->bucket)
        return true;
    if (!store->service)
        return error_set(err, ERROR_AUTH, "S3.NoCredentials",
                         "s3://%s/%s: this run is not set up for S3", object->bucket, object->key);
    if (!store->foreign)
        store->foreign = s3_client_open(store->service, store->cancel);
    *client = store->foreign;
    return true;
}

const char *store_bucket(const struct store *store, const struct object *object)
{
    return object->bucket ? object->bucket : store->location->container;
}

static bool look_up_file(struct store *store, struct object *object, bool *found, struct error *err)
{
    struct directory_status status = { 0 };

    if (!directory_path_check(object->key, err) ||
        !directory_stat(store->root, object->key, &status, found, err))
        return false;
    if (*found) {
        object->size = status.size;
        object->modified_ms = status.modified_ms;
        directory_marks_release(&status.marks);
    }
    return true;
}

static bool look_up_s3(struct s3_client *client, const char *bucket, struct object *object,
                       bool *found, struct error *err)
{
    struct s3_object_info info = { 0 };

    if (!s3_stat_version(client, bucket, object, &info, found, err))
        return false;
    if (*found) {
        object->size = info.size;
        object->modified_ms = info.modified_ms;
        if (!object->etag) {
            object->etag = info.etag;
            info.etag = NULL;
        }
        s3_object_info_release(&info);
    }
    return true;
}

bool store_look_up(struct store *store, struct object *object, struct error *err)
{
    struct s3_client *client;
    bool found = false;
    bool ok = store_client(store, object, &client, err);

    if (ok && client)
        ok = look_up_s3(client, store_bucket(store, object), object, &found, err);
    else if (ok)
        ok = look_up_file(store, object, &found, err);
    if (ok && !found) {
        error_set(err, ERROR_NOT_FOUND, client ? "S3.NoSuchKey" : "File.NotFound",
                  "there is no such object");
        err->http_status = client ? 404 : 0;
        return false;
    }
    if (ok)
        object->size_unknown = object->needs_look_up = false;
    return ok;
}

bool store_fetch(struct store *store, const struct object *object, struct spool *to,
                 struct error *err)
{
    struct object known = *object; /* borrows its strings */
    struct s3_client *client;

    if (!store_client(store, object, &client, err))
        return false;
    if (client)
        return s3_download(client, store_bucket(store, object), object, to, err);
    if (known.needs_look_up && !store_look_up(store, &known, err))
        return false;
    return directory_read(store->root, &known, to, err);
}

static bool stat_s3(struct store *store, const char *key, struct store_info *info, bool *found,
                    struct error *err)
{
    struct s3_object_info known = { 0 };

    if (!s3_stat(store->client, store->location->container, key, &known, found, err))
        return false;
    if (*found)
        *info = (struct store_info){ .size = known.size,
                                     .modified_ms = known.modified_ms,
                                     .etag = known.etag,
                                     .source_etag = known.source_etag,
                                     .recipe = known.recipe,
                                     .files = known.files };
    return true;
}

bool store_stat(struct store *store, const char *key, struct store_info *info, bool *found,
                struct error *err)
{
    struct directory_status status = { 0 };

    if (store->client)
        return stat_s3(store, key, info, found, err);
    if (!directory_stat(store->root, key, &status, found, err))
        return false;
    if (*found)
        *info = (struct store_info){ .size = status.size,
                                     .modified_ms = status.modified_ms,
                                     .source_etag = status.marks.source_etag,
                                     .recipe = status.marks.recipe,
                                     .files = status.marks.files,
                                     .notes_impossible = status.marks.impossible };
    return true;
}

void store_info_release(struct store_info *info)
{
    free(info->etag);
    free(info->source_etag);
    free(info->recipe);
    free(info->files);
    *info = (struct store_info){ 0 };
}

struct s3_upload_request store_s3_request(const struct store *store, const char *key,
                                          const struct store_put_request *request)
{
    return (struct s3_upload_request){
        .bucket = store->location->container,
        .key = key,
        .content_type = request->content_type,
        .source_etag = request->source_etag,
        .recipe = request->recipe,
        .files = request->files,
        .is_record = request->is_record,
        .only_new = request->only_new,
    };
}

struct directory_marks store_directory_marks(const struct store_put_request *request)
{
    return (struct directory_marks){
        .source_etag = (char *)request->source_etag, /* only read */
        .recipe = (char *)request->recipe,
        .files = (char *)request->files,
    };
}

bool store_put(struct store *store, const char *key, const struct spool *from,
               const struct store_put_request *request, char **etag, struct error *err)
{
    const struct s3_upload_request of_s3 = store_s3_request(store, key, request);
    const struct directory_marks marks = store_directory_marks(request);

    if (etag)
        *etag = NULL;
    if (store->client)
        return s3_upload(store->client, &of_s3, from, etag, err);
    return directory_write(store->root, key, from, &marks, request->only_new, err);
}

bool store_remove(struct store *store, const char *key, struct error *err)
{
    if (store->client)
        return s3_delete(store->client, store->location->container, key, err);
    return directory_remove(store->root, key, err);
}
