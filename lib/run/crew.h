/* SPDX-License-Identifier: MIT */

/*
 * The threads that work, as many as there should be: fewer or more as pace.h says, while items go
 * through. Each takes jobs from one queue until that has ended.
 * Threads: crew_announce is for one thread, the rest for the owner.
 */

#pragma once

#include <stdint.h>

#include "base/attributes.h"
#include "base/queue.h"
#include "run/job.h"
#include "run/workers.h"

struct crew;

struct crew_settings {
    const struct workers_settings *workers;
    struct queue *queue; /* of struct job; who closes it ends the crew */
    void (*work)(void *owner, struct job_worker *worker, struct job *job); /* takes the job */
    void *owner;
};

/*
 * Starts the least number. All in settings is borrowed. Fails with ERROR_LOCAL when threads or
 * descriptors run out; those that there are then work on until the join all the same.
 */
bool crew_start(struct crew **crew, const struct crew_settings *settings, struct error *err);

/* A job of so many bytes, 0 when nobody knows, is about to come: what it will take is seen to. */
void crew_announce(struct crew *crew, uint64_t bytes);

/* Waits until all have gone. The queue must be closed. */
void crew_join(struct crew *crew);

/* After the join; NULL is fine. */
void crew_free(struct crew *crew);
