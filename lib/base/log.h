/* SPDX-License-Identifier: MIT */

/*
 * One line per message to stderr, with level and the current job, and below them one status line
 * on a terminal. Bytes that could steer a terminal are written as \xNN, so any name can be logged.
 * Never log keys, tokens, Authorization headers, presigned queries or a string to sign.
 * Threads: safe, except log_set_level and log_set_format, which belong before the first thread.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"

enum log_level {
    LOG_ERROR,   /* a job or the run failed */
    LOG_WARNING, /* went on, but you want to know */
    LOG_INFO,    /* one line a job */
    LOG_DEBUG,   /* requests, libav and curl chatter */
};

enum log_format {
    LOG_TEXT,
    LOG_JSON, /* an object a line: time, level, item, message; and one line for each item's end */
};

/* How an item ended; all borrowed. */
struct log_outcome {
    const char *status; /* SUCCEEDED, FAILED ... */
    const char *error;  /* the stable word; NULL: none */
    const char *cause;  /* NULL: none */
    double seconds;
    uint64_t bytes_in;
    uint64_t bytes_out;
};

void log_set_format(enum log_format format);
void log_set_level(enum log_level level);
bool log_shows(enum log_level level);

/* The name put before this thread's messages; borrowed until the next call; NULL for none. */
void log_set_job(const char *name);

void log_error(const char *format, ...) PRINTF_LIKE(1, 2);
void log_warning(const char *format, ...) PRINTF_LIKE(1, 2);
void log_info(const char *format, ...) PRINTF_LIKE(1, 2);
void log_debug(const char *format, ...) PRINTF_LIKE(1, 2);

/* In a signal handler: writes line as it is, as text only, and unless LOG_INFO is not shown. */
void log_on_signal(const char *line);

/* The end of the current job: as text only a failure shows, without LOG_DEBUG. */
void log_outcome(const struct log_outcome *outcome);

/* Replaces the status line at the bottom of the terminal, cut to its width; "" takes it away. */
void log_status(const char *line);
