/* SPDX-License-Identifier: MIT */

/*
 * Who wants to know which part uploads are under way, so that they can be ended when this process
 * is killed. The functions note what they are told before they return, as well as they can.
 * Threads: safe.
 */

#pragma once

#include <stdint.h>

#include "s3/s3_service.h"

struct s3_upload_notes {
    void *to; /* borrowed */

    /* One will be begun. Gives it a number, from 1. */
    uint64_t (*intend)(void *to, const char *bucket, const char *key);

    /* It is begun and has an id. */
    void (*begun)(void *to, uint64_t number, const char *upload_id);

    /* It is over: there is nothing to end any more. */
    void (*ended)(void *to, uint64_t number);
};

/* Before the first upload; notes is copied. */
void s3_service_set_notes(struct s3_service *service, const struct s3_upload_notes *notes);
