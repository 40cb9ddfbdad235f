/* SPDX-License-Identifier: MIT */

/*
 * The files of one result that consists of several, complete but not yet where they belong. Their
 * bytes lie behind each other in one spool, so that ten thousand of them need no more than one
 * temporary file.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "base/spool.h"

struct file_set_member {
    char *name;    /* owned; relative to the folder of the result, with "/" between folders */
    uint32_t hash; /* of the name */
    uint64_t size;
    uint64_t offset; /* in the pack */
    uint64_t room;   /* bytes there that are its own */
};

struct file_set {
    struct spool pack;
    struct file_set_member *members; /* owned; in the order in which they were kept last */
    unsigned count;
    unsigned capacity;
    uint64_t size; /* of all members together */
};

/* More files than this of one item are taken for a mistake: Media.TooManyFiles. */
enum { FILE_SET_MAX = 100000 };

enum { FILE_SET_NONE = -1 };

void file_set_init(struct file_set *set, struct budget *budget);
void file_set_release(struct file_set *set);

/* Empties it as spool_clear does. */
void file_set_clear(struct file_set *set);

/* Copies bytes in under name, in place of what had it before. Fails: as spool_write does. */
bool file_set_keep(struct file_set *set, const char *name, const struct spool *bytes,
                   struct error *err);

/* The index of the member, or FILE_SET_NONE. */
MUST_USE int file_set_find(const struct file_set *set, const char *name);

void file_set_remove(struct file_set *set, unsigned index);

/* Moves a member behind all others. */
void file_set_move_last(struct file_set *set, unsigned index);

/* Copies a member's bytes into an empty spool. */
bool file_set_read(const struct file_set *set, unsigned index, struct spool *to, struct error *err);
