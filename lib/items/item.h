/* SPDX-License-Identifier: MIT */

/*
 * One object to work on.
 * Threads: confined; a job takes it from thread to thread.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/object.h"

struct item {
    uint64_t index; /* position among the picked items, from 0 */
    bool indexed;   /* its result is named by the index, so that its JSON has to say it */
    bool elsewhere; /* another shard of the plan has it: only its result's name matters here */
    struct object object;
    char *problem; /* owned; why this entry of a list is no item, and key says where; NULL: it is */

    /* From the record of an earlier run; else zero. */
    char *execution;   /* owned; the UUID that it has there */
    unsigned redrives; /* how often it is done again, this time included */
    bool collided;     /* another item had its result's name */
};

/* Makes it stand for an entry that is no item: at a line of a list, from 1. */
void item_set_problem(struct item *item, const char *list, uint64_t line, const char *problem);

/* What tells it from all others of a run: its key, with bucket and version where it names them. */
MUST_USE char *item_identity(const struct item *item);

/*
 * The item as Step Functions' listObjectsV2 reader gives it to a Map, with Bucket added: compact
 * JSON, keys in alphabetical order. bucket is the source's, NULL for a folder. The caller frees it.
 * What is not known is left out; Index, VersionId and Problem are there when they are set. A name
 * that is not UTF-8 is given with U+FFFD for the wrong bytes, and exactly, percent-encoded, in
 * KeyEncoded.
 */
MUST_USE char *item_json(const struct item *item, const char *bucket);

void item_release(struct item *item);
