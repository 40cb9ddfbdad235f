/* SPDX-License-Identifier: MIT */

/*
 * What a run has done so far, kept in a local file as it happens, so that the same command can go
 * on after a kill and write one manifest for both attempts. A line is an outcome's letter, the key
 * percent-encoded, and the record as the result files have it; or "C", the key and "{}" of an item
 * that was at work when the process crashed. The file is locked while its run
 * lives and removed when the manifest is written, so a journal that can be locked is unfinished.
 * Threads: confined; results (which is safe) writes it under its own lock.
 */

#pragma once

#include <stdbool.h>

#include "base/attributes.h"
#include "base/error.h"
#include "base/uuid.h"
#include "results/record.h"

struct journal;

/*
 * Takes the newest unfinished journal of the same identity, or begins one. identity says what the
 * run does, as a file name; run_id is the wanted one, or "" to take what an unfinished journal has.
 * On return run_id is the run's. Fails with ERROR_LOCAL when folder cannot be written.
 */
MUST_USE struct journal *journal_open(const char *folder, const char *identity,
                                      char run_id[UUID_SIZE], struct error *err);

/*
 * The next entry of the earlier attempt; false at their end, after which entries can be added. key
 * and record are borrowed until the next call; record is NULL for an item that was at work in a
 * crash. A line that a kill cut short is left out.
 */
bool journal_next(struct journal *journal, enum outcome *outcome, const char **key,
                  const char **record);

/* After their end: journal_next gives the same entries once more. Fails with ERROR_LOCAL. */
bool journal_rewind(struct journal *journal, struct error *err);

bool journal_add(struct journal *journal, enum outcome outcome, const char *key, const char *record,
                 struct error *err);

/* For crash_begin: the open file, which stays the journal's. */
int journal_file(const struct journal *journal);

/* For crash_set_note: the line of an item; the caller frees it. */
MUST_USE char *journal_crash_line(const char *key);

/* The run is complete: removes the file. journal_close must follow. */
void journal_finish(struct journal *journal);

/* An empty one is removed. NULL is fine. */
void journal_close(struct journal *journal);

/* Where journals of runs whose results are not in a folder go: under XDG_STATE_HOME, else ~/.local/
 * state. Makes it; the caller frees it; NULL when there is no such place. */
MUST_USE char *journal_default_folder(void);
