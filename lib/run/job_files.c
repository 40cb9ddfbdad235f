/* SPDX-License-Identifier: MIT */

/* Puts results of several files. */

#include "run/job_files.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/name_set.h"
#include "run/numbered_name.h"
#include "run/set_note.h"

/* Of what S3's time after a signal is left for, taking back is only a part. */
enum { TAKE_BACK_MS = 4000 };

/* What one put is about. */
struct put {
    const struct job_files_request *request;
    struct job_files *files;
    struct store_info earlier; /* of the last file; owned */
    bool had_earlier;
    bool is_new; /* nothing of the result was there */
    char note[EXISTING_RECIPE_SIZE];
    char *others; /* for the last file; owned; NULL: not noted */
};

/* The muxer never saw the folder, so a "%" in it need not be doubled any more. */
static char *key_of(const struct recipe *recipe, const struct job *job, const char *name)
{
    bool numbered = recipe_files(recipe, job->key) == RECIPE_FILES_NUMBERED;
    const char *slash = strrchr(job->key, '/');
    const char *end = slash ? slash + 1 : job->key;
    struct buffer key;

    buffer_init(&key, SIZE_MAX);
    for (const char *at = job->key; at < end; at++) {
        buffer_append(&key, at, 1);
        at += numbered && at[0] == '%' && at[1] == '%';
    }
    buffer_append_text(&key, name);
    return buffer_take(&key);
}

char *job_files_mark(const struct recipe *recipe, const struct job *job)
{
    char *name;
    char *key = NULL;

    if (recipe_files(recipe, job->key) == RECIPE_ONE_FILE)
        return memory_copy_text(job->key);
    name = recipe_last_file(recipe, job->key, job->item.object.key);
    if (name)
        key = key_of(recipe, job, name);
    free(name);
    return key;
}

/* Names everything before anything is written. */
static bool claim_names(struct put *put, struct error *err)
{
    const struct job_files_request *request = put->request;
    const struct file_set *set = request->set;
    struct job_files *files = put->files;

    files->files = memory_new(set->count, sizeof(*files->files));
    while (files->count < set->count) {
        const struct file_set_member *member = &set->members[files->count];
        struct job_file *file = &files->files[files->count++];

        file->key = key_of(request->recipe, request->job, member->name);
        file->bytes = member->size;
        if (!location_check_key(request->destination, file->key, err) ||
            (request->claims &&
             !name_claims_take(request->claims, file->key, request->job->item.index, err)))
            return false;
    }
    return true;
}

static void note_others(struct put *put)
{
    const struct job_files *files = put->files;
    char **keys = memory_new(files->count, sizeof(*keys));
    uint64_t bytes = 0;
    size_t count = 0;

    for (unsigned i = 0; i < files->count; i++) {
        if (i == files->last)
            continue;
        keys[count++] = files->files[i].key;
        bytes += files->files[i].bytes;
    }
    put->others = set_note_make(files->files[files->last].key, keys, count, bytes);
    free(keys);
}

static bool look_at_earlier(struct put *put, struct error *err)
{
    const struct job_files_request *request = put->request;
    struct job_files *files = put->files;
    char *mark = job_files_mark(request->recipe, request->job);
    bool known = false;
    bool ok = true;

    files->last = files->count - 1;
    for (unsigned i = 0; mark && i < files->count && !known; i++) {
        known = strcmp(files->files[i].key, mark) == 0;
        if (known)
            files->last = i;
    }
    free(mark);
    if (known && !request->existing->nothing_is_there)
        ok = store_stat(request->store, files->files[files->last].key, &put->earlier,
                        &put->had_earlier, err);
    put->is_new = request->existing->nothing_is_there ||
                  request->existing->rule == IF_EXISTS_FAIL || (known && !put->had_earlier);
    return ok;
}

static bool put_one(struct put *put, unsigned index, struct error *err)
{
    const struct job_files_request *request = put->request;
    struct job_file *file = &put->files->files[index];
    bool is_last = index == put->files->last;
    const struct store_put_request how = {
        .content_type = recipe_file_content_type(request->recipe, file->key),
        .source_etag = request->version,
        .recipe = is_last ? request->existing->recipe : put->note,
        .files = is_last ? put->others : NULL,
        .only_new = request->existing->rule == IF_EXISTS_FAIL,
    };

    spool_clear(request->scratch);
    return file_set_read(request->set, index, request->scratch, err) &&
           store_put(request->store, file->key, request->scratch, &how, &file->etag, err);
}

/* Takes away what was put before a failure; where an older result was, that is replaced later. */
static void take_back(struct put *put, unsigned index)
{
    int64_t until_ms = clock_monotonic_ms() + TAKE_BACK_MS;
    struct error err;

    while (put->is_new && index-- > 0) {
        if (index == put->files->last)
            continue;
        if (clock_monotonic_ms() > until_ms)
            error_set(&err, ERROR_CANCELLED, "Avmap.Interrupted", "there is no time left");
        else if (store_remove(put->request->store, put->files->files[index].key, &err))
            continue;
        log_warning("some files of a result that is not complete stay behind: %s", err.text);
        return;
    }
}

/* Removes key and those numbered after it as long as they are of this item's earlier result. */
static bool remove_from(struct put *put, char *key, const char *note, struct error *err)
{
    bool ok = true;
    bool ours = true;

    while (ok && ours && key) {
        struct store_info info = { 0 };
        bool found = false;
        char *next;

        ok = store_stat(put->request->store, key, &info, &found, err);
        ours = found && info.recipe && strcmp(info.recipe, note) == 0;
        if (ok && ours)
            ok = store_remove(put->request->store, key, err);
        store_info_release(&info);
        next = numbered_name_next(key);
        free(key);
        key = next;
    }
    free(key);
    return ok;
}

/* An earlier result may have had more files; which they are is told by the numbers in names. */
static bool remove_surplus(struct put *put, struct error *err)
{
    const struct job_files *files = put->files;
    struct name_set *names;
    char note[EXISTING_RECIPE_SIZE];
    bool seen;
    bool ok = true;

    if (!put->had_earlier || !put->earlier.recipe)
        return true;
    existing_member_note(put->earlier.recipe, files->files[files->last].key, note);
    names = name_set_new();
    for (unsigned i = 0; ok && i < files->count; i++)
        ok = name_set_add(names, files->files[i].key, &seen, err);
    for (unsigned i = 0; ok && i < files->count; i++) {
        char *next = numbered_name_next(files->files[i].key);

        if (next && !name_set_has(names, next))
            ok = remove_from(put, next, note, err);
        else
            free(next);
    }
    name_set_free(names);
    return ok;
}

static bool put_all(struct put *put, struct error *err)
{
    for (unsigned i = 0; i < put->files->count; i++) {
        if (i != put->files->last && !put_one(put, i, err)) {
            take_back(put, i);
            return false;
        }
    }
    if (remove_surplus(put, err) && put_one(put, put->files->last, err))
        return true;
    take_back(put, put->files->count);
    return false;
}

bool job_files_put(const struct job_files_request *request, struct job_files *files,
                   struct error *err)
{
    struct put put = { .request = request, .files = files };
    bool ok;

    *files = (struct job_files){ 0 };
    if (request->set->count == 0)
        return request->may_be_empty ||
               error_set(err, ERROR_MEDIA, "Media.EmptyResult", "the muxer has left no files");
    ok = claim_names(&put, err) && look_at_earlier(&put, err);
    if (ok) {
        existing_member_note(request->existing->recipe, files->files[files->last].key, put.note);
        note_others(&put);
        ok = put_all(&put, err);
    }
    store_info_release(&put.earlier);
    free(put.others);
    return ok;
}

void job_files_release(struct job_files *files)
{
    for (unsigned i = 0; files->files && i < files->count; i++) {
        free(files->files[i].key);
        free(files->files[i].etag);
    }
    free(files->files);
    *files = (struct job_files){ 0 };
}
