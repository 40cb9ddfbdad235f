/* SPDX-License-Identifier: MIT */

/* Threads that fetch ranges in the order in which they are wanted. */

#include "s3/s3_fetchers.h"

#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/memory.h"
#include "s3/s3_service_parts.h"

void s3_fetchers_note_arrival(struct s3_range *range, const char *bytes, size_t count)
{
    struct s3_ranges_part *part = (struct s3_ranges_part *)range;
    struct s3_ranges *ranges = part->ranges;

    (void)bytes;
    pthread_mutex_lock(&ranges->lock);
    range->received += count;
    if (ranges->awaited == part && range->received >= ranges->awaited_size)
        pthread_cond_signal(&ranges->arrived);
    pthread_mutex_unlock(&ranges->lock);
}

static bool make_room(struct s3_ranges_part *part, struct error *err)
{
    size_t size = (size_t)part->range.size;

    if (part->capacity >= size)
        return true;
    free(part->range.to);
    part->range.to = malloc(size);
    part->capacity = part->range.to ? size : 0;
    memory_prefer_large_pages(part->range.to, part->capacity);
    return part->range.to || error_set_errno(err, ERROR_LOCAL, ENOMEM, "read ahead");
}

/* Others need not try, either. */
static void refuse(struct s3_ranges *ranges)
{
    struct s3_service *service = s3_client_service(ranges->request.client);

    atomic_store(&ranges->refused, true);
    if (!atomic_exchange(&service->ranges_refused, true))
        log_debug("the server knows no ranges; large objects are fetched whole");
}

static void fetch_locked(struct s3_ranges *ranges, struct s3_slot *slot, struct s3_client *client)
{
    struct s3_ranges_part *part = s3_ranges_part_of(ranges, slot);
    bool ok;

    slot->state = S3_SLOT_COMING;
    part->range.first = slot->first;
    part->range.size = slot->size;
    part->range.received = 0;
    ranges->coming++;
    pthread_mutex_unlock(&ranges->lock);
    ok = make_room(part, &part->failure) &&
         s3_range_fetch(&part->range, client, ranges->request.bucket, &part->failure);
    pthread_mutex_lock(&ranges->lock);
    ranges->coming--;
    slot->state = ok ? S3_SLOT_HERE : S3_SLOT_FAILED;
    if (part->range.is_kms)
        atomic_store(&ranges->is_kms, true);
    if (part->range.is_refused)
        refuse(ranges);
    if (ranges->awaited == part)
        pthread_cond_signal(&ranges->arrived);
}

/* For what nobody waits for yet, one fetcher is kept free. */
static struct s3_slot *next_locked(struct s3_ranges *ranges)
{
    struct s3_slot *slot = s3_window_next(&ranges->window);

    if (slot && slot != ranges->window.urgent && ranges->coming >= S3_FETCHERS - 1)
        return NULL;
    return slot;
}

static void *fetch_all(void *arg)
{
    struct s3_ranges *ranges = arg;
    struct s3_service *service = s3_client_service(ranges->request.client);
    struct s3_client *client = s3_client_open(service, &ranges->cancel);

    log_set_job(ranges->request.object->key);
    pthread_mutex_lock(&ranges->lock);
    ranges->idle--;
    while (!ranges->closing) {
        struct s3_slot *slot = next_locked(ranges);

        if (slot) {
            fetch_locked(ranges, slot, client);
            continue;
        }
        ranges->idle++;
        pthread_cond_wait(&ranges->work, &ranges->lock);
        ranges->idle--;
    }
    pthread_mutex_unlock(&ranges->lock);
    s3_client_close(client);
    return NULL;
}

bool s3_fetchers_employ_locked(struct s3_ranges *ranges, struct error *err)
{
    int failure;

    if (!next_locked(ranges))
        return true;
    if (ranges->idle > 0 || ranges->fetcher_count == S3_FETCHERS) {
        pthread_cond_signal(&ranges->work);
        return true;
    }
    failure = pthread_create(&ranges->fetchers[ranges->fetcher_count], NULL, fetch_all, ranges);
    if (failure && ranges->fetcher_count == 0)
        return error_set_errno(err, ERROR_LOCAL, failure, "start a download; lower --jobs");
    if (!failure) { /* without it, the others will do */
        ranges->fetcher_count++;
        ranges->idle++;
    }
    return true;
}

void s3_fetchers_end(struct s3_ranges *ranges)
{
    pthread_mutex_lock(&ranges->lock);
    ranges->closing = true;
    pthread_cond_broadcast(&ranges->work);
    pthread_mutex_unlock(&ranges->lock);
    cancel_set_deadline(&ranges->cancel, 1); /* long ago */
    for (unsigned i = 0; i < ranges->fetcher_count; i++)
        pthread_join(ranges->fetchers[i], NULL);
}
