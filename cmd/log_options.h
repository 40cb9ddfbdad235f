/* SPDX-License-Identifier: MIT */

/*
 * What every command says about itself, and how.
 * Threads: before the first thread.
 */

#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "options.h"

struct log_options {
    unsigned format; /* enum log_format */
    bool verbose;
    bool quiet;
    bool help; /* for the command; does nothing here */
};

extern const char *const log_format_names[];

/* clang-format off */
/* NOLINTBEGIN(bugprone-macro-parentheses): a path of fields cannot stand in parentheses. */

/* log is a struct log_options. */
#define LOG_OPTIONS(type, log) \
    OPTION_ROW(type, "log-format", 0, OPTION_CHOICE, log.format, unsigned, "FORMAT", log_format_names, 0, 0, "text, or json: an object a line"), \
    OPTION_ROW_FLAG(type, "verbose", 'v', log.verbose, "log every request and what libav says"), \
    OPTION_ROW_FLAG(type, "quiet", 'q', log.quiet, "log errors and warnings only"), \
    OPTION_ROW_FLAG(type, "help", 'h', log.help, "show this")

/* NOLINTEND(bugprone-macro-parentheses) */
/* clang-format on */

/* Sets the log. Fails with ERROR_USAGE when options exclude each other. */
bool log_options_apply(const struct log_options *options, struct error *err);
