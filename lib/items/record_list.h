/* SPDX-License-Identifier: MIT */

/*
 * The records of a result file, one at a time: an array or JSON Lines, as Step Functions' or our
 * own writer leaves them.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "base/json.h"
#include "items/item_entry.h"
#include "store/store.h"

struct record_list;

/* Whether the file is there and has size bytes; fails with Avmap.BadManifest, or as store_stat. */
bool record_list_check(struct store *store, const char *key, uint64_t size, struct error *err);

/* Fetches the file. key is borrowed. Fails as store_fetch does, and with ERROR_OBJECT. */
MUST_USE struct record_list *record_list_open(struct store *store, const char *key,
                                              struct error *err);
void record_list_close(struct record_list *list);

/*
 * The next record, a JSON object for the caller to release; NULL for what is none, and *problem
 * says why. *found is false at the end. Fails when the file cannot be read to its end.
 */
bool record_list_next(struct record_list *list, json_t **record, struct item_problem *problem,
                      bool *found, struct error *err);

/* The line, from 1, that the record begins in. */
uint64_t record_list_line(const struct record_list *list);
