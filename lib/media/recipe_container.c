/* SPDX-License-Identifier: MIT */

/* Finds the container of a result. */

#include <stdio.h>
#include <string.h>

#include "media/recipe_fields.h"

/*
 * What libav says of a name, remembered: to find it, it compares the names of all muxers, and the
 * results of a run mostly end alike. A "%" may stand for a number, which makes pictures of it.
 */
static const AVOutputFormat *guess(const char *name)
{
    static _Thread_local struct {
        char extension[16];
        const AVOutputFormat *container;
    } last;

    const char *extension = strrchr(name, '.');

    if (!extension || strchr(name, '%') || strlen(extension) >= sizeof(last.extension))
        return av_guess_format(NULL, name, NULL);
    if (strcmp(extension, last.extension) != 0) {
        last.container = av_guess_format(NULL, name, NULL);
        snprintf(last.extension, sizeof(last.extension), "%s", extension);
    }
    return last.container;
}

const AVOutputFormat *recipe_container(const struct recipe *recipe, const char *name,
                                       struct error *err)
{
    const char *format = recipe->output.format;
    const AVOutputFormat *container = format ? av_guess_format(format, NULL, NULL) : guess(name);

    if (container)
        return container;
    error_set(err, ERROR_USAGE, "Avmap.Usage",
              "Unable to find a suitable output format for '%s'; use a name with a known extension "
              "or -f",
              name);
    return NULL;
}
