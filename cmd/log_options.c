/* SPDX-License-Identifier: MIT */

/* Sets the log as the options say. */

#include "log_options.h"

#include "base/log.h"

const char *const log_format_names[] = { "text", "json", NULL };

bool log_options_apply(const struct log_options *options, struct error *err)
{
    if (options->quiet && options->verbose)
        return error_set(err, ERROR_USAGE, "Avmap.Usage",
                         "--quiet and --verbose exclude each other");
    log_set_format(options->format);
    log_set_level(options->verbose ? LOG_DEBUG : options->quiet ? LOG_WARNING : LOG_INFO);
    return true;
}
