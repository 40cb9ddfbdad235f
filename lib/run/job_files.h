/* SPDX-License-Identifier: MIT */

/*
 * Puts a result of several files where it belongs so that it appears as a whole: the file that
 * tells of it (a playlist, or the first of numbered ones) comes last, and what an item leaves
 * behind when it fails before that is taken away again.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "base/file_set.h"
#include "media/recipe.h"
#include "run/existing.h"
#include "run/name_claims.h"
#include "run/plan.h"
#include "store/store.h"

struct job_file {
    char *key;  /* owned */
    char *etag; /* owned; NULL: the store has none */
    uint64_t bytes;
};

struct job_files {
    struct job_file *files; /* owned; in the order in which the muxer finished them */
    unsigned count;
    unsigned last; /* the one that tells of all */
};

/* All borrowed. */
struct job_files_request {
    const struct recipe *recipe;
    const struct location *destination;
    const struct existing *existing;
    struct name_claims *claims; /* NULL: there are no other items */
    struct store *store;
    const struct job *job;
    const char *version; /* of what the result is made of, as existing_source_version says it */
    const struct file_set *set;
    struct spool *scratch; /* any contents, before and after */
    bool may_be_empty;     /* no files at all are no failure */
};

/* On failure release files all the same. */
bool job_files_put(const struct job_files_request *request, struct job_files *files,
                   struct error *err);
void job_files_release(struct job_files *files);

/*
 * The key whose presence tells that the job's result is there: its own, or that of one file of
 * several. For the caller to free; NULL: it cannot be known before.
 */
MUST_USE char *job_files_mark(const struct recipe *recipe, const struct job *job);
