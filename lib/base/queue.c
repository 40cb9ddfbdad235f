/* SPDX-License-Identifier: MIT */

/* A ring of pointers and a short list of those for later, with a lock and two conditions. */

#include "base/queue.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/memory.h"

/* A signal cannot wake those who wait for what is due, so they look out for the wish to stop. */
enum { LOOK_INTERVAL_MS = 200 };

struct later {
    void *item;
    int64_t due_ms;
};

struct queue {
    size_t capacity;
    const struct cancel *cancel;
    pthread_mutex_t lock;
    pthread_cond_t room;
    pthread_cond_t item;

    /* Guarded by lock. */
    void **items;
    size_t first;
    size_t count;
    struct later *later; /* in no order; there are few */
    size_t later_count;
    bool closed;
};

struct queue *queue_new(size_t capacity, const struct cancel *cancel)
{
    struct queue *queue = memory_new(1, sizeof(*queue));
    pthread_condattr_t monotonic;

    queue->capacity = capacity;
    queue->cancel = cancel;
    queue->items = memory_new(capacity, sizeof(*queue->items));
    pthread_mutex_init(&queue->lock, NULL);
    pthread_cond_init(&queue->room, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&queue->item, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return queue;
}

void queue_free(struct queue *queue)
{
    if (!queue)
        return;
    pthread_cond_destroy(&queue->item);
    pthread_cond_destroy(&queue->room);
    pthread_mutex_destroy(&queue->lock);
    free(queue->later);
    free(queue->items);
    free(queue);
}

bool queue_push(struct queue *queue, void *item)
{
    bool pushed;

    pthread_mutex_lock(&queue->lock);
    while (queue->count == queue->capacity && !queue->closed)
        pthread_cond_wait(&queue->room, &queue->lock);
    pushed = !queue->closed;
    if (pushed) {
        queue->items[(queue->first + queue->count) % queue->capacity] = item;
        queue->count++;
        pthread_cond_signal(&queue->item);
    }
    pthread_mutex_unlock(&queue->lock);
    return pushed;
}

void queue_push_later(struct queue *queue, void *item, int64_t due_ms)
{
    pthread_mutex_lock(&queue->lock);
    queue->later = memory_grow(queue->later, queue->later_count + 1, sizeof(*queue->later));
    queue->later[queue->later_count++] = (struct later){ item, due_ms };
    pthread_cond_signal(&queue->item);
    pthread_mutex_unlock(&queue->lock);
}

static size_t first_due_locked(const struct queue *queue)
{
    size_t first = 0;

    for (size_t i = 1; i < queue->later_count; i++) {
        if (queue->later[i].due_ms < queue->later[first].due_ms)
            first = i;
    }
    return first;
}

/* The first item for later when it is due; else NULL, and *due_ms is lowered to its time. */
static void *take_due_locked(struct queue *queue, int64_t *due_ms)
{
    size_t first = first_due_locked(queue);
    void *item;

    if (queue->later_count == 0)
        return NULL;
    if (!cancel_stopping(queue->cancel) && queue->later[first].due_ms > clock_monotonic_ms()) {
        *due_ms = queue->later[first].due_ms;
        return NULL;
    }
    item = queue->later[first].item;
    queue->later[first] = queue->later[--queue->later_count];
    return item;
}

static void *take_first_locked(struct queue *queue)
{
    void *item;

    if (queue->count == 0 || queue->later_count >= queue->capacity)
        return NULL;
    item = queue->items[queue->first];
    queue->first = (queue->first + 1) % queue->capacity;
    queue->count--;
    pthread_cond_signal(&queue->room);
    return item;
}

static void wait_locked(struct queue *queue, int64_t due_ms)
{
    int64_t look_ms = clock_monotonic_ms() + LOOK_INTERVAL_MS;
    int64_t until_ms = due_ms < look_ms ? due_ms : look_ms;
    struct timespec due = { .tv_sec = until_ms / 1000, .tv_nsec = until_ms % 1000 * 1000000 };

    if (due_ms)
        pthread_cond_timedwait(&queue->item, &queue->lock, &due);
    else
        pthread_cond_wait(&queue->item, &queue->lock);
}

void *queue_pop(struct queue *queue)
{
    void *item;

    pthread_mutex_lock(&queue->lock);
    for (;;) {
        int64_t due_ms = 0;

        item = take_due_locked(queue, &due_ms);
        if (!item)
            item = take_first_locked(queue);
        if (item || (queue->closed && queue->later_count == 0))
            break;
        wait_locked(queue, due_ms);
    }
    /* This thread may have been the one that looked at the clock for the others, or have made room
     * for what is new. */
    if (item && queue->later_count + queue->count > 0)
        pthread_cond_signal(&queue->item);
    pthread_mutex_unlock(&queue->lock);
    return item;
}

size_t queue_count(struct queue *queue)
{
    size_t count;

    pthread_mutex_lock(&queue->lock);
    count = queue->count;
    pthread_mutex_unlock(&queue->lock);
    return count;
}

static void close_locked(struct queue *queue)
{
    queue->closed = true;
    pthread_cond_broadcast(&queue->room);
    pthread_cond_broadcast(&queue->item);
}

void queue_close(struct queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    close_locked(queue);
    pthread_mutex_unlock(&queue->lock);
}

struct weighed {
    void *item;
    uint64_t weight;
    size_t number;
};

static int compare(const void *left, const void *right)
{
    const struct weighed *one = left;
    const struct weighed *other = right;

    if (one->weight != other->weight)
        return one->weight > other->weight ? -1 : 1;
    return one->number < other->number ? -1 : 1;
}

/* The ring is straight after that. */
static void sort_locked(struct queue *queue, uint64_t (*weight)(const void *item))
{
    struct weighed *sorted = memory_new(queue->count + 1, sizeof(*sorted));

    for (size_t i = 0; i < queue->count; i++) {
        void *item = queue->items[(queue->first + i) % queue->capacity];

        sorted[i] = (struct weighed){ item, weight(item), i };
    }
    qsort(sorted, queue->count, sizeof(*sorted), compare);
    for (size_t i = 0; i < queue->count; i++)
        queue->items[i] = sorted[i].item;
    queue->first = 0;
    free(sorted);
}

void queue_close_heaviest_first(struct queue *queue, uint64_t (*weight)(const void *item))
{
    pthread_mutex_lock(&queue->lock);
    sort_locked(queue, weight);
    close_locked(queue);
    pthread_mutex_unlock(&queue->lock);
}
