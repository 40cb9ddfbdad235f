/* SPDX-License-Identifier: MIT */

/*
 * What a run is to do, whether the command line said it or a job file: places, naming and recipe,
 * with what cannot be meant refused.
 * Threads: immutable after run_order_read.
 */

#pragma once

#include <stdbool.h>

#include "base/cancel.h"
#include "base/error.h"
#include "items/item_source.h"
#include "items/shard.h"
#include "media/recipe.h"
#include "run/job_file.h"
#include "run/naming.h"
#include "run/run_settings.h"
#include "store/location.h"

/* Where results go unless said otherwise: a folder of their own in the destination. */
#define RUN_ORDER_RESULTS_NAME "_avmap"

struct run_order {
    struct location source; /* of a list: its bucket or folder, which its items' keys belong to */
    enum items_format items;
    struct location plan;          /* where a plan is; empty without one */
    char *list_key;                /* owned; the list's, in plan or source; NULL without one */
    const char *items_pointer;     /* NULL: none */
    const struct redrive *redrive; /* where items come from in its stead; NULL: none */
    struct location destination;
    struct location results;
    char *source_url;
    char *destination_url;
    struct shard shard;
    struct naming naming;
    char *suffix; /* owned; what naming.suffix points to */
    char *const *recipe_words;
    size_t recipe_count;
    struct shell_words input_options;  /* owned; of the command line */
    struct shell_words global_options; /* owned; of the command line */
    struct recipe_words words;         /* all options, borrowed from here and there */
    char **all_words;                  /* owned; the same in one list, with -i between them, without
                          those that change no result */
    size_t all_count;
    struct job_file job; /* empty without one */
};

/* settings is borrowed. Fails with ERROR_USAGE, or as s3 does when the job file lies there. */
bool run_order_read(struct run_order *order, const struct run_settings *settings,
                    const struct cancel *cancel, struct error *err);

/*
 * Checks the recipe against the container that the names end in, where they all end in one, and
 * settles whether names are patterns for several files each.
 */
bool run_order_check_names(struct run_order *order, const struct recipe *recipe, struct error *err);

/* recipe_check, and notes what nothing in such results takes. */
bool run_order_check_recipe(const struct recipe *recipe, const char *name, struct error *err);

void run_order_release(struct run_order *order);
