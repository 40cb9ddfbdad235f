/* SPDX-License-Identifier: MIT */

/* Reads a large object through a window, ahead of its reader. */

#include "s3/s3_ranges.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "s3/s3_fetchers.h"
#include "s3/s3_ranges_parts.h"
#include "s3/s3_reread.h"
#include "s3/s3_service_parts.h"

enum {
    MIB = 1024 * 1024,
    LARGEST_WINDOW = 64 * MIB,
    LEAST_WINDOW = MIB,
    WAKE_SIZE = 64 * 1024, /* a reader that waits is not woken for less, if there is more */
};

/* Half of what there is stays for others, such as the result; 0: there is too little. */
static uint64_t take_budget(struct budget *budget)
{
    uint64_t size = LARGEST_WINDOW;

    while (size > LEAST_WINDOW && !budget_take(budget, 2 * size))
        size /= 2;
    if (size == LEAST_WINDOW)
        return 0;
    budget_give(budget, size);
    return size;
}

bool s3_ranges_are_known(struct s3_client *client)
{
    return !atomic_load(&s3_client_service(client)->ranges_refused);
}

struct s3_ranges *s3_ranges_open(const struct s3_ranges_request *request)
{
    const struct s3_service *service = s3_client_service(request->client);
    struct s3_ranges *ranges = memory_new(1, sizeof(*ranges));

    if (service->wants_checks && !service->endpoint.tls) /* TLS has its own checks */
        s3_whole_init(&ranges->whole, request->object);
    ranges->request = *request;
    ranges->budgeted = take_budget(request->budget);
    cancel_init_item(&ranges->cancel, s3_client_cancel(request->client));
    pthread_mutex_init(&ranges->lock, NULL);
    pthread_cond_init(&ranges->work, NULL);
    pthread_cond_init(&ranges->arrived, NULL);
    for (size_t i = 0; i < S3_WINDOW_SLOTS; i++) {
        ranges->parts[i].ranges = ranges;
        ranges->parts[i].range.object = request->object;
        ranges->parts[i].range.arrived = s3_fetchers_note_arrival;
    }
    s3_window_init(&ranges->window, request->object->size,
                   (ranges->budgeted ? ranges->budgeted : LEAST_WINDOW) / S3_WINDOW_SLOTS);
    pthread_mutex_lock(&ranges->lock);
    (void)s3_window_demand(&ranges->window, 0);
    (void)s3_fetchers_employ_locked(ranges, &ranges->failure);
    pthread_mutex_unlock(&ranges->lock);
    return ranges;
}

static bool must_wait_locked(const struct s3_ranges *ranges, const struct s3_slot *slot)
{
    return slot->state == S3_SLOT_WANTED ||
           (slot->state == S3_SLOT_COMING &&
            ranges->awaited->range.received < ranges->awaited_size);
}

/* Until a good part of what follows offset in the slot is there, or it has failed. */
static void wait_locked(struct s3_ranges *ranges, struct s3_slot *slot, uint64_t offset)
{
    const struct reader_waits *waits = &ranges->request.waits;
    uint64_t skipped = offset - slot->first;

    ranges->awaited = s3_ranges_part_of(ranges, slot);
    ranges->awaited_size = slot->size - skipped > WAKE_SIZE ? skipped + WAKE_SIZE : slot->size;
    pthread_mutex_unlock(&ranges->lock);
    waits->begin(waits->waiter);
    pthread_mutex_lock(&ranges->lock);
    while (must_wait_locked(ranges, slot))
        pthread_cond_wait(&ranges->arrived, &ranges->lock);
    ranges->awaited = NULL;
    pthread_mutex_unlock(&ranges->lock);
    waits->end(waits->waiter);
    pthread_mutex_lock(&ranges->lock);
}

static uint64_t bytes_there_locked(struct s3_ranges *ranges, const struct s3_slot *slot,
                                   uint64_t offset)
{
    uint64_t end = slot->first + s3_ranges_part_of(ranges, slot)->range.received;

    return slot->state == S3_SLOT_WANTED || end <= offset ? 0 : end - offset;
}

/* Copies at most *size bytes of what is there from offset on, once some of it is. */
static bool read_some_locked(struct s3_ranges *ranges, uint64_t offset, char *bytes, size_t *size)
{
    struct s3_slot *slot = s3_window_find(&ranges->window, offset);
    const struct s3_ranges_part *part;
    uint64_t there;

    if (!slot)
        slot = s3_window_demand(&ranges->window, offset);
    part = s3_ranges_part_of(ranges, slot);
    if (bytes_there_locked(ranges, slot, offset) == 0) {
        ranges->window.urgent = slot;
        if (!s3_fetchers_employ_locked(ranges, &ranges->failure))
            return false;
        wait_locked(ranges, slot, offset);
    }
    there = bytes_there_locked(ranges, slot, offset);
    if (there == 0) {
        ranges->failure = part->failure;
        return false;
    }
    if (*size > there)
        *size = (size_t)there;
    memcpy(bytes, part->range.to + (offset - slot->first), *size);
    s3_window_advance(&ranges->window, offset, *size); /* may give the slot away */
    return s3_fetchers_employ_locked(ranges, &ranges->failure);
}

static bool read_all(void *source, uint64_t offset, void *bytes, size_t size, size_t *got,
                     struct error *err)
{
    struct s3_ranges *ranges = source;
    const struct reader reader = s3_ranges_reader(ranges);
    uint64_t end = reader.size;

    *got = 0;
    if (offset >= end)
        return true;
    s3_whole_go_over(&ranges->whole, &reader, offset);
    if (size > end - offset)
        size = (size_t)(end - offset);
    while (*got < size && ranges->failure.kind == ERROR_NONE) {
        size_t count = size - *got;

        pthread_mutex_lock(&ranges->lock);
        if (read_some_locked(ranges, offset + *got, (char *)bytes + *got, &count))
            *got += count;
        pthread_mutex_unlock(&ranges->lock);
    }
    s3_whole_add(&ranges->whole, offset, bytes, *got);
    if (ranges->failure.kind == ERROR_NONE)
        return true;
    *err = ranges->failure;
    return false;
}

struct reader s3_ranges_reader(struct s3_ranges *ranges)
{
    return (struct reader){ read_all, ranges, ranges->request.object->size };
}

static bool settle(const struct s3_ranges_request *request, struct s3_finding *finding,
                   struct error *err)
{
    bool ok;

    request->waits.begin(request->waits.waiter);
    ok = s3_reread(request->client, request->bucket, request->object, finding, err);
    request->waits.end(request->waits.waiter);
    return ok;
}

bool s3_ranges_check(struct s3_ranges *ranges, struct error *err)
{
    const struct s3_ranges_request *request = &ranges->request;
    const struct reader reader = s3_ranges_reader(ranges);
    struct s3_finding finding;

    if (ranges->failure.kind != ERROR_NONE) {
        *err = ranges->failure;
        return false;
    }
    if (atomic_load(&ranges->is_kms) || !s3_whole_complete(&ranges->whole, &reader, err))
        return ranges->failure.kind == ERROR_NONE;
    s3_whole_judge(&ranges->whole, &finding);
    if (finding.verdict == S3_UNSURE && !settle(request, &finding, err))
        return false;
    if (finding.verdict == S3_INTACT)
        return true;
    return error_set(err, ERROR_TRANSIENT, "S3.ChecksumMismatch",
                     "GetObject s3://%s/%s: the bytes do not fit their ETag; something on the way "
                     "changes them, or the object is damaged (a server whose ETags are no MD5 "
                     "needs AWS_RESPONSE_CHECKSUM_VALIDATION=when_required)",
                     request->bucket, request->object->key);
}

bool s3_ranges_are_refused(const struct s3_ranges *ranges)
{
    return atomic_load(&ranges->refused);
}

void s3_ranges_close(struct s3_ranges *ranges)
{
    if (!ranges)
        return;
    s3_fetchers_end(ranges);
    for (size_t i = 0; i < S3_WINDOW_SLOTS; i++)
        free(ranges->parts[i].range.to);
    s3_whole_release(&ranges->whole);
    pthread_cond_destroy(&ranges->arrived);
    pthread_cond_destroy(&ranges->work);
    pthread_mutex_destroy(&ranges->lock);
    budget_give(ranges->request.budget, ranges->budgeted);
    free(ranges);
}
