/* SPDX-License-Identifier: MIT */

/* Reads notes of part uploads, and ends what dead runs left. */

#include "run/upload_sweep.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/process_mark.h"
#include "run/document.h"
#include "run/upload_notes.h"
#include "store/store_listing.h"
#include "store/store_uploads.h"

/* An upload of which only the intent was noted began so soon after it; servers round times. */
enum { BEGIN_EARLIEST_MS = -2 * 1000, BEGIN_LATEST_MS = 30 * 1000 };

struct note {
    char *name;    /* owned */
    json_t *value; /* owned */
    bool dead;
    int64_t clock_offset_ms; /* what the server's clock was ahead of the writer's */
};

struct notes {
    struct note *notes; /* owned */
    size_t count;
};

static const char *text_of(const json_t *value, const char *name)
{
    const char *text = json_string_value(json_object_get(value, name));

    return text ? text : "";
}

/* An earlier attempt at this very job of AWS Batch. */
static bool is_former_attempt(const json_t *note)
{
    const char *job = getenv("AWS_BATCH_JOB_ID");
    const char *attempt = getenv("AWS_BATCH_JOB_ATTEMPT");

    return job && attempt && strcmp(text_of(note, "job"), job) == 0 &&
           strcmp(text_of(note, "attempt"), attempt) != 0;
}

static bool is_dead(const json_t *note, int64_t written_ms)
{
    switch (process_mark_judge(text_of(note, "process"))) {
    case PROCESS_LIVES:
        return false;
    case PROCESS_GONE:
        return true;
    default:
        return is_former_attempt(note) || clock_wall_ms() - written_ms > UPLOAD_NOTES_LEASE_MS;
    }
}

static void release_notes(struct notes *notes)
{
    for (size_t i = 0; i < notes->count; i++) {
        free(notes->notes[i].name);
        json_decref(notes->notes[i].value);
    }
    free(notes->notes);
    *notes = (struct notes){ 0 };
}

/* The writer noted when it wrote, and the server when that came. */
static int64_t clock_offset_ms(const json_t *note, int64_t written_ms)
{
    const json_t *written = json_object_get(note, "written");

    return json_is_integer(written) ? written_ms - json_integer_value(written) : 0;
}

/* One that was taken away meanwhile is of a run that has ended well. */
static bool read_note(struct store *store, const struct object *object, struct notes *notes,
                      struct error *err)
{
    json_t *value = document_read(store, object->key, err);

    if (!value)
        return err->kind == ERROR_NOT_FOUND;
    notes->notes = memory_grow(notes->notes, notes->count + 1, sizeof(*notes->notes));
    notes->notes[notes->count++] = (struct note){
        .name = memory_copy_text(object->key),
        .value = value,
        .dead = is_dead(value, object->modified_ms),
        .clock_offset_ms = clock_offset_ms(value, object->modified_ms),
    };
    return true;
}

/* All notes there are now. */
static bool read_notes(struct store *store, struct notes *notes, struct error *err)
{
    struct store_listing *listing = store_listing_open(store, NULL);
    struct object object;
    bool found = false;
    bool ok = true;

    while (ok && (ok = store_listing_next(listing, &object, &found, err)) && found) {
        ok = read_note(store, &object, notes, err);
        object_release(&object);
    }
    store_listing_close(listing);
    return ok;
}

/* What the sweep has open. */
struct sweeping {
    const struct upload_sweep *sweep;
    struct store *store;     /* of the notes */
    struct store *places[2]; /* of destination and results; NULL: not in S3 */
    struct notes notes;
    size_t ended;
};

static bool lies_in(const struct location *place, const char *bucket, const char *key)
{
    return place->kind == LOCATION_S3 && strcmp(place->container, bucket) == 0 &&
           strncmp(key, place->prefix, strlen(place->prefix)) == 0;
}

/* The store of the place that the upload goes to, or NULL: it is none of ours, whatever is noted.
 */
static struct store *store_of(struct sweeping *sweeping, const json_t *upload)
{
    const struct upload_sweep *sweep = sweeping->sweep;
    const struct location *places[] = { sweep->destination, sweep->results };

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        struct error err;

        if (!lies_in(places[i], text_of(upload, "bucket"), text_of(upload, "key")))
            continue;
        if (!sweeping->places[i])
            sweeping->places[i] = store_open(places[i], sweep->service, sweep->cancel, false, &err);
        return sweeping->places[i];
    }
    return NULL;
}

/* Whether somebody alive is uploading to the same key. */
static bool is_in_use(const struct notes *notes, const json_t *upload)
{
    for (size_t i = 0; i < notes->count; i++) {
        const json_t *uploads = json_object_get(notes->notes[i].value, "uploads");

        for (size_t j = 0; !notes->notes[i].dead && j < json_array_size(uploads); j++) {
            const json_t *other = json_array_get(uploads, j);

            if (strcmp(text_of(other, "key"), text_of(upload, "key")) == 0 &&
                strcmp(text_of(other, "bucket"), text_of(upload, "bucket")) == 0)
                return true;
        }
    }
    return false;
}

/*
 * The run was killed before it had the id. An upload of that key from just after the intent is its
 * own, unless there are two or a live run intends one; that is looked at after they were listed, as
 * an intent is noted before its upload begins.
 */
static bool end_intended(struct sweeping *sweeping, struct store *store, const struct note *note,
                         const json_t *upload, struct error *err)
{
    int64_t since_ms = json_integer_value(json_object_get(upload, "since")) + note->clock_offset_ms;
    struct store_uploads *found =
        store_uploads_find(store, text_of(upload, "key"), since_ms + BEGIN_EARLIEST_MS,
                           since_ms + BEGIN_LATEST_MS, err);
    struct notes now = { 0 };
    size_t count = found ? store_uploads_count(found) : 0;
    bool ok = found && (count == 0 || read_notes(sweeping->store, &now, err));
    bool is_clear = ok && count == 1 && !is_in_use(&now, upload);

    if (ok && count > 0 && !is_clear)
        log_warning("a killed run may have left a part upload of %s, which cannot be told from "
                    "another one's",
                    text_of(upload, "key"));
    if (is_clear) {
        ok = store_uploads_end(found, err);
        sweeping->ended++;
    }
    release_notes(&now);
    store_uploads_free(found);
    return ok;
}

static bool end_upload(struct sweeping *sweeping, const struct note *note, const json_t *upload,
                       struct error *err)
{
    const char *id = text_of(upload, "id");
    struct store *store = store_of(sweeping, upload);

    if (!store)
        return true;
    if (!*id)
        return end_intended(sweeping, store, note, upload, err);
    sweeping->ended++;
    return store_upload_end(store, text_of(upload, "key"), id, err);
}

static void end_uploads(struct sweeping *sweeping, const struct note *note)
{
    const json_t *uploads = json_object_get(note->value, "uploads");
    struct error err = { 0 };
    bool ok = true;

    for (size_t i = 0; i < json_array_size(uploads); i++)
        ok &= end_upload(sweeping, note, json_array_get(uploads, i), &err);
    if (!ok)
        log_debug("%s stays for the next run: %s", note->name, err.text);
    else if (!store_remove(sweeping->store, note->name, &err))
        log_debug("%s stays behind: %s", note->name, err.text);
}

void upload_sweep_run(const struct upload_sweep *sweep)
{
    struct sweeping sweeping = { .sweep = sweep };
    struct location place;
    struct error err;

    location_below(sweep->results, UPLOAD_NOTES_FOLDER, &place);
    sweeping.store = store_open(&place, sweep->service, sweep->cancel, false, &err);
    if (sweeping.store && !read_notes(sweeping.store, &sweeping.notes, &err))
        log_warning("%s; parts that killed runs left may stay behind", err.text);
    for (size_t i = 0; i < sweeping.notes.count; i++) {
        if (sweeping.notes.notes[i].dead)
            end_uploads(&sweeping, &sweeping.notes.notes[i]);
    }
    if (sweeping.ended)
        log_info("ended %zu part uploads that a killed run had under way", sweeping.ended);
    release_notes(&sweeping.notes);
    store_close(sweeping.places[0]);
    store_close(sweeping.places[1]);
    store_close(sweeping.store);
    location_release(&place);
}
