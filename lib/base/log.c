/* SPDX-License-Identifier: MIT */

/* Log lines and the status line on stderr. */

#include "base/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/printable.h"

enum { LINE_SIZE = 4096, STATUS_SIZE = 512 };

static enum log_level shown_level = LOG_INFO;
static enum log_format shown_format = LOG_TEXT;
static _Thread_local const char *job_name;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Guarded by lock. */
static char status[STATUS_SIZE];

void log_set_format(enum log_format format)
{
    shown_format = format;
}

void log_set_level(enum log_level level)
{
    shown_level = level;
}

bool log_shows(enum log_level level)
{
    return level <= shown_level;
}

void log_set_job(const char *name)
{
    job_name = name;
}

/* A lost log line must not stop the run, so the result of writing is of no use. */
static void write_all(const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t written = write(STDERR_FILENO, bytes, size);

        if (written <= 0)
            return;
        bytes += written;
        size -= (size_t)written;
    }
}

/* line ends in a newline. The status line stays below it. */
static void write_line(const char *line, size_t length)
{
    pthread_mutex_lock(&lock);
    if (status[0])
        write_all("\r\033[K", 4);
    write_all(line, length);
    if (status[0])
        write_all(status, strlen(status));
    pthread_mutex_unlock(&lock);
}

static void write_text(enum log_level level, const char *text)
{
    static const char *const labels[] = { "error: ", "warning: ", "", "debug: " };
    char line[LINE_SIZE * 2];
    size_t used = 0;

    used += (size_t)snprintf(line, sizeof(line), "avmap: ");
    if (job_name) {
        line[used++] = '[';
        used += printable_copy(job_name, line + used, 1100);
        used += (size_t)snprintf(line + used, sizeof(line) - used, "] ");
    }
    used += (size_t)snprintf(line + used, sizeof(line) - used, "%s", labels[level]);
    used += printable_copy(text, line + used, sizeof(line) - used - 1);
    line[used++] = '\n';
    write_line(line, used);
}

/* Takes fields, to which time, level and item are added. */
static void write_json(enum log_level level, json_t *fields)
{
    static const char *const names[] = { "error", "warning", "info", "debug" };
    char time[CLOCK_ISO_SIZE];
    char *text;
    size_t length;

    json_object_set_new(fields, "time", json_string(clock_format_iso(clock_wall_ms(), time)));
    json_object_set_new(fields, "level", json_string(names[level]));
    if (job_name)
        json_object_set_new(fields, "item", json_text(job_name));
    text = json_printable(fields);
    length = strlen(text);
    text[length] = '\n'; /* in the place of its NUL */
    write_line(text, length + 1);
    free(text);
    json_decref(fields);
}

PRINTF_LIKE(2, 0) static void write_message(enum log_level level, const char *format, va_list args)
{
    char text[LINE_SIZE];

    vsnprintf(text, sizeof(text), format, args);
    if (shown_format == LOG_JSON)
        write_json(level, json_pack("{s:o}", "message", json_text(text)));
    else
        write_text(level, text);
}

#define WRITE(level)                                                                               \
    do {                                                                                           \
        va_list args;                                                                              \
        if (!log_shows(level))                                                                     \
            return;                                                                                \
        va_start(args, format);                                                                    \
        write_message(level, format, args);                                                        \
        va_end(args);                                                                              \
    } while (0)

void log_error(const char *format, ...)
{
    WRITE(LOG_ERROR);
}

void log_warning(const char *format, ...)
{
    WRITE(LOG_WARNING);
}

void log_info(const char *format, ...)
{
    WRITE(LOG_INFO);
}

void log_debug(const char *format, ...)
{
    WRITE(LOG_DEBUG);
}

void log_on_signal(const char *line)
{
    if (shown_format == LOG_TEXT && log_shows(LOG_INFO))
        write_all(line, strlen(line));
}

void log_outcome(const struct log_outcome *outcome)
{
    enum log_level level = outcome->cause ? LOG_ERROR : LOG_INFO;
    json_t *fields;

    if (shown_format == LOG_TEXT) {
        if (outcome->cause)
            log_error("%s", outcome->cause);
        else
            log_debug("%s in %.3f s", outcome->status, outcome->seconds);
        return;
    }
    if (!log_shows(level))
        return;
    fields = json_pack("{s:s, s:f, s:I, s:I}", "status", outcome->status, "seconds",
                       outcome->seconds, "bytesIn", (json_int_t)outcome->bytes_in, "bytesOut",
                       (json_int_t)outcome->bytes_out);
    if (outcome->error)
        json_object_set_new(fields, "error", json_text(outcome->error));
    if (outcome->cause)
        json_object_set_new(fields, "cause", json_text(outcome->cause));
    write_json(level, fields);
}

/* The room for the status line: one that wrapped around could not be taken away again. */
static int status_width(void)
{
    struct winsize size;

    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
        return STATUS_SIZE - 1;
    return size.ws_col - 1;
}

void log_status(const char *line)
{
    if (!log_shows(LOG_INFO))
        return;
    pthread_mutex_lock(&lock);
    if (status[0] || line[0])
        write_all("\r\033[K", 4);
    snprintf(status, sizeof(status), "%.*s", status_width(), line);
    write_all(status, strlen(status));
    pthread_mutex_unlock(&lock);
}
