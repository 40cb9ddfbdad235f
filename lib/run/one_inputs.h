/* SPDX-License-Identifier: MIT */

/*
 * The objects that one transcode reads.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "run/one_order.h"
#include "store/store_input.h"

struct one_input {
    const struct one_place *place; /* borrowed */
    struct store *store;           /* owned */
    struct object object;          /* as it was found; owned */
    struct store_input *input;     /* owned; NULL: not open */
    struct spool spool;            /* of a small object */
};

struct one_inputs {
    struct one_input *list; /* owned */
    size_t count;
    struct object version; /* stands for all of them: it changes whenever one does; owned */
};

/* order and budget are borrowed. */
void one_inputs_init(struct one_inputs *inputs, const struct one_order *order,
                     struct budget *budget);
void one_inputs_release(struct one_inputs *inputs);

/* Where they are; errors name the input, here and below. service may be NULL when all are files. */
bool one_inputs_find(struct one_inputs *inputs, struct s3_service *service,
                     const struct cancel *cancel, struct error *err);

/* Which versions are there by now. */
bool one_inputs_look_up(struct one_inputs *inputs, struct error *err);

/* Between these two their readers can be had. */
bool one_inputs_open(struct one_inputs *inputs, struct error *err);
void one_inputs_close(struct one_inputs *inputs);

/* As store_input_judge, of all of them. */
bool one_inputs_judge(const struct one_inputs *inputs, bool ok, struct error *err);
