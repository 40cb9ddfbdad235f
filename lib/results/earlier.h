/* SPDX-License-Identifier: MIT */

/*
 * What an earlier attempt at a run saw succeed, from its journal. Its results may have changed or
 * gone since, so the items are looked at again: the earlier record stands unless there is a newer
 * one.
 * Threads: confined; results (which is safe) uses it under its own lock.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "base/name_set.h"
#include "results/journal.h"
#include "results/record.h"

struct earlier;

/* journal is borrowed. */
MUST_USE struct earlier *earlier_new(struct journal *journal);
void earlier_free(struct earlier *earlier);

/* What an earlier attempt at a run says of its items' keys. */
struct earlier_keys {
    struct name_set *done;    /* owned; they succeeded */
    struct name_set *suspect; /* owned; at work in a crash, in whose it is not clear */
    struct name_set *crashes; /* owned; at work in more than one */
    uint64_t done_count;
};

void earlier_keys_init(struct earlier_keys *keys);
void earlier_keys_release(struct earlier_keys *keys);

/* Reads the journal. */
bool earlier_read(struct earlier *earlier, struct earlier_keys *keys, struct error *err);

/*
 * Before a record is added: *stands says that the earlier one of its key is to stay instead, as
 * nothing was done. Else that one does not count any more.
 */
bool earlier_judge(struct earlier *earlier, const struct record *record, bool *stands,
                   struct error *err);

/* After the last earlier_judge, the records that stand one by one; borrowed until the next call. */
bool earlier_next(struct earlier *earlier, const char **record, bool *found, struct error *err);
