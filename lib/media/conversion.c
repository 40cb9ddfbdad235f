/* SPDX-License-Identifier: MIT */

/* Looks for the only conversion of a filter graph. */

#include "media/conversion.h"

#include <string.h>

#include <libavutil/opt.h>

static bool is_named(const AVFilterContext *filter, const char *name)
{
    return strcmp(filter->filter->name, name) == 0;
}

/* A filter's options lead to those of the conversion it keeps. */
static SwrContext *conversion_of(const AVFilterContext *filter)
{
    void *options = filter->priv ? av_opt_child_next(filter->priv, NULL) : NULL;

    return options && *(const AVClass **)options == swr_get_class() ? options : NULL;
}

/* False: there is one already, or it cannot be got at. */
static bool add(struct conversion *conversion, const AVFilterContext *filter)
{
    if (conversion->swr)
        return false;
    conversion->swr = conversion_of(filter);
    return conversion->swr != NULL;
}

bool conversion_find(const AVFilterGraph *graph, struct conversion *conversion)
{
    unsigned ends = 0;

    *conversion = (struct conversion){ 0 };
    for (unsigned i = 0; i < graph->nb_filters; i++) {
        AVFilterContext *filter = graph->filters[i];

        if (is_named(filter, "abuffer")) {
            conversion->source = filter;
            ends++;
        } else if (is_named(filter, "abuffersink")) {
            conversion->sink = filter;
            ends++;
        } else if (is_named(filter, "aresample")) {
            if (!add(conversion, filter))
                return false;
        } else if (!is_named(filter, "anull") && !is_named(filter, "aformat")) {
            return false;
        }
    }
    return ends == 2 && conversion->source && conversion->sink;
}
