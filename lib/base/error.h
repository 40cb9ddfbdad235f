/* SPDX-License-Identifier: MIT */

/*
 * Why a call failed and what the caller should do about it.
 *
 * Every call that can fail returns bool (or a pointer) and takes a struct error last: false or
 * NULL means it is filled, true means it was not touched.
 * Threads: confined.
 */

#pragma once

#include <stdbool.h>

#include "base/attributes.h"

/* Kinds say what the caller should do, not which layer noticed. */
enum error_kind {
    ERROR_NONE,
    ERROR_USAGE,     /* fix the command line: ends the run */
    ERROR_AUTH,      /* no usable credentials: ends the run */
    ERROR_LOCAL,     /* disk, descriptors or memory ran out here: ends the run */
    ERROR_DENIED,    /* not allowed for this object: fails the job */
    ERROR_NOT_FOUND, /* the object is not there: fails the job */
    ERROR_OBJECT,    /* this object cannot be read or written as asked: fails the job */
    ERROR_MEDIA,     /* this input cannot be transcoded: fails the job */
    ERROR_TRANSIENT, /* send the same request again */
    ERROR_CANCELLED, /* the user asked to stop */
    ERROR_TIMEOUT,   /* the item took longer than the user allows: fails the job */
    ERROR_TOLERANCE, /* more items failed than the user tolerates: ends the run */
    ERROR_INTERNAL,  /* a bug in avmap: fails the job */
};

struct error {
    enum error_kind kind;
    unsigned retry_after_ms; /* the server's wish; 0 when it has none */
    int http_status;         /* of the answer that refused; 0 when none did */
    char word[64];           /* stable name for records: S3.NoSuchKey, Media.InvalidData */
    char text[2048];         /* a readable sentence without the final full stop */
};

/*
 * Fills *err and returns false, so a failing call can end in "return error_set(...)".
 * word is a contract with the readers of result files (avmap-results(5) lists them).
 */
bool error_set(struct error *err, enum error_kind kind, const char *word, const char *format, ...)
    PRINTF_LIKE(4, 5);

/* The same for a failed system call: format, then the text of errno; full disks are ERROR_LOCAL. */
bool error_set_errno(struct error *err, enum error_kind kind, int number, const char *format, ...)
    PRINTF_LIKE(4, 5);

/* Puts "context: " before the text. Add context once per layer, where its name is known. */
void error_prefix(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);

/* Whether nothing else can work either, so that the run must stop. */
bool error_ends_run(const struct error *err);
