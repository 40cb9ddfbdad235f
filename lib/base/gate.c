/* SPDX-License-Identifier: MIT */

/* A counting gate. */

#include "base/gate.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/memory.h"

struct gate {
    pthread_mutex_t lock;
    pthread_cond_t left;

    /* Guarded by lock. */
    unsigned places; /* that nobody has */
    unsigned waiting;
};

struct gate *gate_new(unsigned places)
{
    struct gate *gate = memory_new(1, sizeof(*gate));

    gate->places = places;
    pthread_mutex_init(&gate->lock, NULL);
    pthread_cond_init(&gate->left, NULL);
    return gate;
}

void gate_free(struct gate *gate)
{
    if (!gate)
        return;
    pthread_cond_destroy(&gate->left);
    pthread_mutex_destroy(&gate->lock);
    free(gate);
}

void gate_enter(struct gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    gate->waiting++;
    while (gate->places == 0)
        pthread_cond_wait(&gate->left, &gate->lock);
    gate->waiting--;
    gate->places--;
    pthread_mutex_unlock(&gate->lock);
}

void gate_leave(struct gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    gate->places++;
    pthread_cond_signal(&gate->left);
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
