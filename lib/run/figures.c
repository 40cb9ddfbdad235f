/* SPDX-License-Identifier: MIT */

/* Adds records up. */

#include "run/figures.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "items/record_list.h"

/* Keys and causes are cut where a page or terminal would not show more of them. */
enum { TEXT_MAX = 1000 };

static const char *text_of(const json_t *value, const char *name)
{
    const char *text = json_string_value(json_object_get(value, name));

    return text ? text : "";
}

static double number_of(const json_t *value, const char *name)
{
    double number = json_number_value(json_object_get(value, name));

    return number > 0 ? number : 0;
}

static uint64_t count_of(const json_t *value, const char *name)
{
    json_int_t count = json_integer_value(json_object_get(value, name));

    return count > 0 ? (uint64_t)count : 0;
}

const char *figures_run_text(const struct figures *figures, const char *name)
{
    return text_of(figures->manifest.run, name);
}

/* Cut before a character, not inside of one. */
static char *copy(const char *text)
{
    size_t length = strlen(text);

    if (length <= TEXT_MAX)
        return memory_copy_text(text);
    for (length = TEXT_MAX; length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80;)
        length--;
    return memory_copy_bytes(text, length);
}

static void rank(struct figures_top *top, const char *key, double value)
{
    unsigned at = top->count;

    if (value <= 0 || (at == FIGURES_TOP && top->items[at - 1].value >= value))
        return;
    if (at == FIGURES_TOP)
        free(top->items[--at].key);
    for (; at > 0 && top->items[at - 1].value < value; at--)
        top->items[at] = top->items[at - 1];
    top->items[at] = (struct figures_item){ copy(key), value };
    top->count += top->count < FIGURES_TOP;
}

static void note(struct figures_failures *failures, const char *key, const char *cause)
{
    failures->count++;
    if (failures->example_count == FIGURES_EXAMPLES)
        return;
    failures->examples[failures->example_count].key = copy(key);
    failures->examples[failures->example_count++].cause = copy(cause);
}

static void note_failure(struct figures *figures, const char *word, const char *key,
                         const char *cause)
{
    unsigned i = 0;

    while (i < figures->word_count && strcmp(figures->words[i].word, word) != 0)
        i++;
    if (i == FIGURES_WORDS) {
        figures->other_failures++;
        return;
    }
    if (i == figures->word_count)
        figures->words[figures->word_count++].word = copy(word);
    note(&figures->words[i], key, cause);
}

static void note_times(struct figures *figures, const json_t *record, const char *key)
{
    int64_t start_ms;
    int64_t stop_ms;

    if (!clock_parse_iso(text_of(record, "StartDate"), &start_ms) ||
        !clock_parse_iso(text_of(record, "StopDate"), &stop_ms) || stop_ms < start_ms)
        return;
    if (!figures->start_ms || start_ms < figures->start_ms)
        figures->start_ms = start_ms;
    if (stop_ms > figures->stop_ms)
        figures->stop_ms = stop_ms;
    rank(&figures->slowest, key, (double)(stop_ms - start_ms) / 1000);
}

static void add_success(struct figures *figures, const json_t *record, const char *key)
{
    json_t *output = json_loads(text_of(record, "Output"), 0, NULL);
    const json_t *seconds = json_object_get(output, "seconds");
    const char *warning = text_of(output, "warning");

    if (json_is_true(json_object_get(output, "skipped"))) {
        figures->kept++;
        json_decref(output);
        return;
    }
    figures->made++;
    figures->retried += count_of(output, "attempts") > 1;
    figures->decode_errors += count_of(output, "decodeErrors");
    figures->bytes_in += count_of(json_object_get(output, "input"), "bytes");
    figures->bytes_out += count_of(output, "bytes");
    figures->media_seconds += number_of(output, "duration");
    figures->waiting_seconds += number_of(seconds, "waiting");
    figures->downloading_seconds += number_of(seconds, "downloading");
    figures->transcoding_seconds += number_of(seconds, "transcoding");
    figures->uploading_seconds += number_of(seconds, "uploading");
    if (warning[0])
        note(&figures->warnings, key, warning);
    json_decref(output);
}

static void add_record(struct figures *figures, const json_t *record)
{
    const char *status = text_of(record, "Status");
    json_t *input = json_loads(text_of(record, "Input"), 0, NULL);
    const char *key = text_of(input, "Key");

    if (strcmp(status, "SUCCEEDED") == 0) {
        add_success(figures, record, key);
    } else if (strcmp(status, "PENDING") == 0) {
        figures->pending++;
    } else {
        if (strcmp(status, "TIMED_OUT") == 0)
            figures->timed_out++;
        else if (strcmp(status, "ABORTED") == 0)
            figures->aborted++;
        else
            figures->failed++;
        note_failure(figures, text_of(record, "Error"), key, text_of(record, "Cause"));
    }
    note_times(figures, record, key);
    rank(&figures->largest, key, (double)count_of(input, "Size"));
    json_decref(input);
}

static bool read_file(struct figures *figures, struct store *store, const struct record_file *file,
                      const struct cancel *cancel, struct error *err)
{
    struct record_list *list = NULL;
    bool found = true;
    bool ok = record_list_check(store, file->key, file->size, err);

    if (ok)
        list = record_list_open(store, file->key, err);
    ok = list;
    while (ok && found) {
        struct item_problem problem;
        json_t *record = NULL;

        ok = !cancel_stopping(cancel) ||
             error_set(err, ERROR_CANCELLED, "Avmap.Interrupted", "stopped");
        ok = ok && record_list_next(list, &record, &problem, &found, err);
        if (record)
            add_record(figures, record);
        else
            figures->unreadable += ok && found;
        json_decref(record);
    }
    record_list_close(list);
    return ok;
}

static int more_first(const void *one, const void *other)
{
    const struct figures_failures *a = one;
    const struct figures_failures *b = other;

    if (a->count != b->count)
        return a->count < b->count ? 1 : -1;
    return strcmp(a->word, b->word);
}

static bool read_files(struct figures *figures, struct s3_service *service,
                       const struct cancel *cancel, struct error *err)
{
    const struct manifest *manifest = &figures->manifest;
    struct store *store = store_open(&manifest->place, service, cancel, false, err);
    bool ok = store;

    for (int kind = 0; kind < MANIFEST_KINDS; kind++) {
        const struct manifest_files *files = &manifest->kinds[kind];

        for (size_t i = 0; ok && i < files->count; i++)
            ok = read_file(figures, store, &files->files[i], cancel, err);
    }
    store_close(store);
    qsort(figures->words, figures->word_count, sizeof(figures->words[0]), more_first);
    return ok;
}

bool figures_read(const char *url, const struct s3_settings *s3, const struct cancel *cancel,
                  struct figures *figures, struct error *err)
{
    bool in_s3 = location_is_s3(url);
    struct s3_service *service = in_s3 ? s3_service_new(s3, cancel, err) : NULL;
    bool ok = service || !in_s3;

    *figures = (struct figures){ 0 };
    ok = ok && manifest_read(url, service, cancel, &figures->manifest, err) &&
         read_files(figures, service, cancel, err);
    s3_service_free(service);
    return ok;
}

static void release_failures(struct figures_failures *failures)
{
    for (unsigned i = 0; i < failures->example_count; i++) {
        free(failures->examples[i].key);
        free(failures->examples[i].cause);
    }
    free(failures->word);
}

void figures_release(struct figures *figures)
{
    for (unsigned i = 0; i < figures->word_count; i++)
        release_failures(&figures->words[i]);
    release_failures(&figures->warnings);
    for (unsigned i = 0; i < figures->slowest.count; i++)
        free(figures->slowest.items[i].key);
    for (unsigned i = 0; i < figures->largest.count; i++)
        free(figures->largest.items[i].key);
    manifest_release(&figures->manifest);
    *figures = (struct figures){ 0 };
}

double figures_seconds(const struct figures *figures)
{
    return (double)(figures->stop_ms - figures->start_ms) / 1000;
}

uint64_t figures_ended(const struct figures *figures)
{
    return figures->made + figures->kept + figures->failed + figures->timed_out + figures->aborted;
}
