/* SPDX-License-Identifier: MIT */

/*
 * Ends the part uploads that killed runs left, as far as their notes prove that they were theirs
 * and that they are dead: of a live run, another program or another place nothing is touched.
 * Threads: confined.
 */

#pragma once

#include "base/cancel.h"
#include "store/location.h"
#include "store/store.h"

struct upload_sweep {
    const struct location *results;     /* where the notes are */
    const struct location *destination; /* only uploads there, or to results, are ended */
    struct s3_service *service;
    const struct cancel *cancel;
};

/* What cannot be found out or ended is left to the next run, and logged. */
void upload_sweep_run(const struct upload_sweep *sweep);
