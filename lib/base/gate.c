/* SPDX-License-Identifier: MIT */

/* Lets a few threads in at a time, in order. */

#include "base/gate.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/memory.h"

/* A thread that waits; on its own stack. */
struct waiter {
    uint64_t rank;
    bool let_in;
    pthread_cond_t changed;
    struct waiter *next;
};

struct gate {
    pthread_mutex_t lock;

    /* Guarded by lock. */
    unsigned places; /* that nobody has; none while someone waits */
    uint64_t ranks;  /* that were given */
    struct waiter *first;
    unsigned waiting;
};

struct gate *gate_new(unsigned places)
{
    struct gate *gate = memory_new(1, sizeof(*gate));

    gate->places = places;
    pthread_mutex_init(&gate->lock, NULL);
    return gate;
}

void gate_free(struct gate *gate)
{
    if (!gate)
        return;
    pthread_mutex_destroy(&gate->lock);
    free(gate);
}

uint64_t gate_rank(struct gate *gate)
{
    uint64_t rank;

    pthread_mutex_lock(&gate->lock);
    rank = gate->ranks++;
    pthread_mutex_unlock(&gate->lock);
    return rank;
}

/* Behind those of the same rank. */
static void queue_up_locked(struct gate *gate, struct waiter *waiter)
{
    struct waiter **place = &gate->first;

    while (*place && (*place)->rank <= waiter->rank)
        place = &(*place)->next;
    waiter->next = *place;
    *place = waiter;
    gate->waiting++;
}

static void wait_locked(struct gate *gate, uint64_t rank)
{
    struct waiter waiter = { .rank = rank };

    pthread_cond_init(&waiter.changed, NULL);
    queue_up_locked(gate, &waiter);
    while (!waiter.let_in)
        pthread_cond_wait(&waiter.changed, &gate->lock);
    pthread_cond_destroy(&waiter.changed);
}

void gate_enter(struct gate *gate, uint64_t rank)
{
    pthread_mutex_lock(&gate->lock);
    if (gate->places > 0)
        gate->places--;
    else
        wait_locked(gate, rank);
    pthread_mutex_unlock(&gate->lock);
}

/* The place goes over to who waits, so that nobody else takes it meanwhile. */
static void let_in_locked(struct gate *gate)
{
    struct waiter *waiter = gate->first;

    gate->first = waiter->next;
    gate->waiting--;
    waiter->let_in = true;
    pthread_cond_signal(&waiter->changed);
}

void gate_leave(struct gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    if (gate->first)
        let_in_locked(gate);
    else
        gate->places++;
    pthread_mutex_unlock(&gate->lock);
}

struct gate_use gate_look(struct gate *gate)
{
    struct gate_use use;

    pthread_mutex_lock(&gate->lock);
    use = (struct gate_use){ gate->places, gate->waiting };
    pthread_mutex_unlock(&gate->lock);
    return use;
}
