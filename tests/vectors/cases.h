/* SPDX-License-Identifier: MIT */

/*
 * What the drivers of vector suites share: finding the cases, reading them, and saying how they
 * went: a line each, and "N passed, N failed" at the end.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "base/attributes.h"

struct cases {
    const char *suite;
    unsigned passed;
    unsigned failed;
    unsigned skipped;
};

/*
 * The main function of a driver: calls visit for each file below the folder on the command line, in
 * the order of names and with its whole path. Returns the exit status: 0 when there were cases and
 * none failed.
 */
int cases_run(const char *suite, int argc, char *const *argv,
              void (*visit)(struct cases *cases, const char *path));

/* Runs each test in the array that is the member of the object in a file called *.json. */
void cases_each(struct cases *cases, const char *path, const char *member,
                void (*run)(struct cases *cases, const json_t *test));

/* The text of a file, which the caller frees; NULL: there is none. */
MUST_USE char *cases_read(const char *path);
MUST_USE json_t *cases_read_json(const char *path);

/* A member of object that is text; "" when there is none. */
const char *cases_text(const json_t *object, const char *name);

/* One case has passed, or failed because of what format says. */
void cases_passed(struct cases *cases, const char *name);
void cases_failed(struct cases *cases, const char *name, const char *format, ...) PRINTF_LIKE(3, 4);

/* One case is of something that avmap does not do. */
void cases_skipped(struct cases *cases, const char *name, const char *reason);

/* Fails the case and returns false when they differ. NULL is "". */
bool cases_equal(struct cases *cases, const char *name, const char *what, const char *got,
                 const char *expected);
