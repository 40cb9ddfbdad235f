/* SPDX-License-Identifier: MIT */

/*
 * The plan.json of a plan, as a run of one of its shards needs it.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>

#include "base/cancel.h"
#include "base/error.h"
#include "store/store.h"

struct plan_document {
    char *source;    /* owned; where its items are */
    unsigned shards; /* how many there are */
};

/* Reads it below place. Fails as the store does, and with ERROR_OBJECT, Avmap.BadDocument. */
bool plan_document_read(const struct location *place, const struct s3_settings *s3,
                        const struct cancel *cancel, struct plan_document *document,
                        struct error *err);
void plan_document_release(struct plan_document *document);
