/* SPDX-License-Identifier: MIT */

/* Keeps a note of part uploads. */

#include "run/upload_notes.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/process_mark.h"
#include "base/ticker.h"
#include "base/uuid.h"
#include "run/document.h"
#include "run/upload_sweep.h"

enum { RENEWAL_MS = 5 * 60 * 1000 };

struct entry {
    uint64_t number;
    char *bucket;
    char *key;
    char *id; /* NULL: not known yet */
    int64_t since_ms;
};

struct upload_notes {
    struct location place;
    struct s3_service *service;
    const struct cancel *cancel;
    char *name;            /* of the note */
    char *mark;            /* this process's */
    struct store *store;   /* owned; belongs to who is writing; NULL: not needed yet */
    struct ticker *ticker; /* the same */
    pthread_t sweeper;
    bool has_sweeper;
    pthread_mutex_t lock;
    pthread_cond_t changed; /* written, or swept */

    /* Guarded by lock. */
    struct entry *entries;
    size_t count;
    uint64_t last_number;
    uint64_t changes; /* how many there were */
    uint64_t saved;   /* how many of them the note has */
    struct upload_sweep sweep;
    bool to_sweep; /* not yet */
    bool sweeping;
    bool writing;
    bool warned;
};

struct upload_notes *upload_notes_new(const struct location *results, struct s3_service *service,
                                      const struct cancel *cancel)
{
    struct upload_notes *notes = memory_new(1, sizeof(*notes));
    char id[UUID_SIZE];

    location_below(results, UPLOAD_NOTES_FOLDER, &notes->place);
    notes->service = service;
    notes->cancel = cancel;
    notes->name = memory_format("%s%s.json", notes->place.prefix, uuid_random(id));
    notes->mark = process_mark_own();
    pthread_mutex_init(&notes->lock, NULL);
    pthread_cond_init(&notes->changed, NULL);
    return notes;
}

static json_t *entry_json(const struct entry *entry)
{
    json_t *json = json_pack("{s:o, s:o, s:I}", "bucket", json_text(entry->bucket), "key",
                             json_text(entry->key), "since", (json_int_t)entry->since_ms);

    if (entry->id)
        json_object_set_new(json, "id", json_text(entry->id));
    return json;
}

static json_t *note_json_locked(const struct upload_notes *notes)
{
    const char *job = getenv("AWS_BATCH_JOB_ID");
    const char *attempt = getenv("AWS_BATCH_JOB_ATTEMPT");
    json_t *uploads = json_array();
    json_t *note = json_pack("{s:o, s:o, s:I}", "process", json_text(notes->mark), "uploads",
                             uploads, "written", (json_int_t)clock_wall_ms());

    /* AWS Batch begins an attempt when the one before it is over. */
    if (job && attempt) {
        json_object_set_new(note, "job", json_text(job));
        json_object_set_new(note, "attempt", json_text(attempt));
    }
    for (size_t i = 0; i < notes->count; i++)
        json_array_append_new(uploads, entry_json(&notes->entries[i]));
    return note;
}

static bool store_note(struct upload_notes *notes, const json_t *note, struct error *err)
{
    if (!notes->store)
        notes->store = store_open(&notes->place, notes->service, notes->cancel, true, err);
    return notes->store && document_write(notes->store, notes->name, note, err);
}

/* Writes the note, without the lock meanwhile; then it has so many changes. */
static void write_locked(struct upload_notes *notes)
{
    uint64_t changes = notes->changes;
    json_t *note = note_json_locked(notes);
    struct error err;
    bool ok;

    notes->writing = true;
    pthread_mutex_unlock(&notes->lock);
    ok = store_note(notes, note, &err);
    if (!ok && err.kind != ERROR_CANCELLED && !notes->warned)
        log_warning("%s; if this run is killed, parts of its uploads may stay behind", err.text);
    json_decref(note);
    pthread_mutex_lock(&notes->lock);
    notes->warned |= !ok;
    notes->writing = false;
    notes->saved = changes; /* also when it failed: an upload does not wait for a note */
    pthread_cond_broadcast(&notes->changed);
}

/* Returns when the note has all changes up to now; one write may serve many who wait. */
static void save_locked(struct upload_notes *notes)
{
    uint64_t changes = notes->changes;

    while (notes->saved < changes) {
        if (notes->writing)
            pthread_cond_wait(&notes->changed, &notes->lock);
        else
            write_locked(notes);
    }
}

static void renew(void *arg)
{
    struct upload_notes *notes = arg;

    pthread_mutex_lock(&notes->lock);
    if (notes->count > 0) {
        notes->changes++;
        save_locked(notes);
    }
    pthread_mutex_unlock(&notes->lock);
}

void upload_notes_sweep_first(struct upload_notes *notes, const struct upload_sweep *sweep)
{
    notes->sweep = *sweep;
    notes->to_sweep = true;
}

/* Once; who comes meanwhile waits. */
static void sweep_locked(struct upload_notes *notes)
{
    while (notes->sweeping)
        pthread_cond_wait(&notes->changed, &notes->lock);
    if (!notes->to_sweep)
        return;
    notes->to_sweep = false;
    notes->sweeping = true;
    pthread_mutex_unlock(&notes->lock);
    upload_sweep_run(&notes->sweep);
    pthread_mutex_lock(&notes->lock);
    notes->sweeping = false;
    pthread_cond_broadcast(&notes->changed);
}

static void *sweep_main(void *arg)
{
    struct upload_notes *notes = arg;

    pthread_mutex_lock(&notes->lock);
    sweep_locked(notes);
    pthread_mutex_unlock(&notes->lock);
    return NULL;
}

void upload_notes_sweep_now(struct upload_notes *notes, const struct upload_sweep *sweep)
{
    upload_notes_sweep_first(notes, sweep); /* by the first upload, if there is no thread */
    notes->has_sweeper = pthread_create(&notes->sweeper, NULL, sweep_main, notes) == 0;
}

static uint64_t intend(void *to, const char *bucket, const char *key)
{
    struct upload_notes *notes = to;
    uint64_t number;

    pthread_mutex_lock(&notes->lock);
    sweep_locked(notes);
    if (!notes->ticker)
        notes->ticker = ticker_start(RENEWAL_MS, renew, notes);
    number = ++notes->last_number;
    notes->entries = memory_grow(notes->entries, notes->count + 1, sizeof(*notes->entries));
    notes->entries[notes->count++] = (struct entry){
        .number = number,
        .bucket = memory_copy_text(bucket),
        .key = memory_copy_text(key),
        .since_ms = clock_wall_ms(),
    };
    notes->changes++;
    save_locked(notes);
    pthread_mutex_unlock(&notes->lock);
    return number;
}

static struct entry *find_locked(struct upload_notes *notes, uint64_t number)
{
    struct entry *entry = notes->entries;

    while (entry->number != number)
        entry++;
    return entry;
}

static void begun(void *to, uint64_t number, const char *upload_id)
{
    struct upload_notes *notes = to;

    pthread_mutex_lock(&notes->lock);
    find_locked(notes, number)->id = memory_copy_text(upload_id);
    notes->changes++;
    save_locked(notes);
    pthread_mutex_unlock(&notes->lock);
}

static void release_entry(struct entry *entry)
{
    free(entry->bucket);
    free(entry->key);
    free(entry->id);
}

/* That needs no write: to end what is over is no harm. */
static void ended(void *to, uint64_t number)
{
    struct upload_notes *notes = to;
    struct entry *entry;

    pthread_mutex_lock(&notes->lock);
    entry = find_locked(notes, number);
    release_entry(entry);
    *entry = notes->entries[--notes->count];
    pthread_mutex_unlock(&notes->lock);
}

struct s3_upload_notes upload_notes_for_s3(struct upload_notes *notes)
{
    return (struct s3_upload_notes){ notes, intend, begun, ended };
}

/* What is left in it, the next run ends. */
static void take_away(struct upload_notes *notes)
{
    struct error err;

    if (notes->count == 0 && notes->store && !store_remove(notes->store, notes->name, &err))
        log_debug("%s stays behind: %s", notes->name, err.text);
}

void upload_notes_free(struct upload_notes *notes)
{
    if (!notes)
        return;
    if (notes->has_sweeper)
        pthread_join(notes->sweeper, NULL);
    ticker_stop(notes->ticker);
    take_away(notes);
    for (size_t i = 0; i < notes->count; i++)
        release_entry(&notes->entries[i]);
    store_close(notes->store);
    location_release(&notes->place);
    pthread_cond_destroy(&notes->changed);
    pthread_mutex_destroy(&notes->lock);
    free(notes->entries);
    free(notes->mark);
    free(notes->name);
    free(notes);
}
