/* SPDX-License-Identifier: MIT */

/* Keeps filter graphs from item to item. */

#include "media/filter_spare.h"

#include <string.h>

#include <libavfilter/buffersink.h>
#include <libavutil/dict.h>
#include <libavutil/macros.h>
#include <libavutil/mathematics.h>

#include "media/conversion.h"
#include "media/recipe_fields.h"

enum { RATIO_MAX = 1000 }; /* 44.1 to 48 kHz are 147 to 160 */

void filter_spare_release(struct filter_spare *spare)
{
    avfilter_graph_free(&spare->graph);
    av_channel_layout_uninit(&spare->shape.layout);
    av_channel_layout_uninit(&spare->target.shape.layout);
    *spare = (struct filter_spare){ 0 };
}

static bool same_sound(const struct frame_shape *a, const struct frame_shape *b)
{
    return a->format == b->format && a->sample_rate == b->sample_rate &&
           av_channel_layout_compare(&a->layout, &b->layout) == 0;
}

/* Lists are those of the encoder, and stay where they are. */
static bool same_target(const struct filter_target *a, const struct filter_target *b)
{
    return same_sound(&a->shape, &b->shape) && a->sample_formats == b->sample_formats &&
           a->sample_rates == b->sample_rates && a->layouts == b->layouts &&
           a->needs_24_bits == b->needs_24_bits && a->threads == b->threads;
}

/*
 * What else is asked for is done by filters that are not kept, or differs from item to item, or
 * remembers more than swr_init forgets, as what stretches to times does. Threads would last as long
 * as the graph.
 */
bool filter_spare_serves(const struct filter *filter)
{
    const struct filter_target *target = &filter->outputs[0].target;
    const struct input *from = filter->inputs[0].stream->input;

    return filter->means.spare && filter->means.threads == 1 &&
           strcmp(filter->text, "anull") == 0 && filter->recipe->async <= 0 &&
           !filter->recipe->filter_threads && av_dict_count(target->resample_options) == 0 &&
           !target->pan && !target->pad && target->start_us == AV_NOPTS_VALUE &&
           target->duration_us == INT64_MAX && from->start_us == AV_NOPTS_VALUE &&
           from->file->duration_us == INT64_MAX;
}

static bool fits(const struct filter_spare *spare, const struct filter *filter)
{
    return spare->graph && same_sound(&spare->shape, &filter->inputs[0].shape) &&
           same_target(&spare->target, &filter->outputs[0].target);
}

static void copy_sound(struct frame_shape *to, const struct frame_shape *from)
{
    *to = (struct frame_shape){ .format = from->format, .sample_rate = from->sample_rate };
    av_channel_layout_copy(&to->layout, &from->layout);
}

/* Before the target becomes what the graph has made of it. */
static void note(struct filter_spare *spare, const struct filter *filter)
{
    const struct filter_target *target = &filter->outputs[0].target;

    filter_spare_release(spare);
    copy_sound(&spare->shape, &filter->inputs[0].shape);
    spare->target = *target;
    copy_sound(&spare->target.shape, &target->shape);
}

/* The conversion begins anew; only the coefficients of its filter are still there. */
static bool renew(AVFilterGraph *graph, struct conversion *conversion)
{
    if (!conversion_find(graph, conversion))
        return false;
    if (!conversion->swr)
        return true;
    if (swr_init(conversion->swr) < 0)
        return false;
    (void)swr_next_pts(conversion->swr, 0); /* where the last item ended is not forgotten else */
    return true;
}

/* Rates that have little in common, or lie far apart, need megabytes of coefficients. */
static bool is_small(const struct conversion *conversion)
{
    int in = conversion->source->outputs[0]->sample_rate;
    int out = av_buffersink_get_sample_rate(conversion->sink);

    return FFMAX(in, out) / av_gcd(in, out) <= RATIO_MAX;
}

bool filter_spare_take(struct filter *filter)
{
    struct filter_spare *spare = filter->means.spare;
    struct conversion conversion;

    if (!fits(spare, filter) || !renew(spare->graph, &conversion)) {
        note(spare, filter);
        return false;
    }
    filter->graph = spare->graph;
    filter->inputs[0].source = conversion.source;
    filter->outputs[0].sink = conversion.sink;
    spare->graph = NULL;
    return true;
}

void filter_spare_keep(struct filter *filter)
{
    struct conversion conversion;

    if (!conversion_find(filter->graph, &conversion) || !is_small(&conversion))
        return;
    if (conversion.swr)
        swr_close(conversion.swr); /* gives its buffers back */
    filter->means.spare->graph = filter->graph;
    filter->graph = NULL;
}
