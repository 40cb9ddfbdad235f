/* SPDX-License-Identifier: MIT */

/* Sums up what a run would do. */

#include "run/dry_run.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/printable.h"

/*
 * S3 Standard in us-east-1, in US dollars a thousand requests: the list prices of December 2024.
 * Storage and transfer out of a region are not in them.
 */
#define PRICES_AS_OF "December 2024"
static const double price_write = 0.005; /* PUT, POST, LIST */
static const double price_read = 0.0004; /* GET, HEAD */

enum { KEYS_PER_PAGE = 1000, CENTS = 2, CENTS_AND_PARTS = 4 };

void dry_run_add(struct dry_run *dry_run, const struct run_order *order, const struct job *job,
                 const struct error *failure)
{
    const struct item *item = &job->item;
    char *from = item->problem ? memory_copy_text(item->object.key)
                               : location_object_url(&order->source, &item->object);

    if (failure)
        dry_run->failures++;
    else
        dry_run->bytes += job->item.object.size;
    if (dry_run->name_count < DRY_RUN_NAMES) {
        char *to = failure ? memory_format("fails: %s", failure->text)
                           : location_url(&order->destination, job->key);

        char *line = memory_format("%s -> %s", from, to);

        dry_run->names[dry_run->name_count++] = printable_text(line);
        free(line);
        free(to);
    }
    free(from);
}

static void append_requests(struct buffer *text, const struct run_order *order,
                            const struct progress_counts *counts, uint64_t jobs, bool asks)
{
    uint64_t listed =
        counts->total + counts->folder_markers + counts->empty_objects + counts->not_wanted;
    bool reads = order->source.kind == LOCATION_S3;
    bool writes = order->destination.kind == LOCATION_S3;
    uint64_t lists = reads && order->items == ITEMS_LISTED ? listed / KEYS_PER_PAGE + 1 : 0;
    uint64_t gets = reads ? jobs : 0;
    uint64_t heads = writes && asks ? jobs : 0;
    uint64_t puts = writes ? jobs : 0;
    double price =
        ((double)(lists + puts) * price_write + (double)(gets + heads) * price_read) / 1000;

    if (!reads && !writes)
        return;
    buffer_append_format(text,
                         "requests: %" PRIu64 " LIST, %" PRIu64 " GET, %" PRIu64 " HEAD, %" PRIu64
                         " PUT, about %.*f USD in us-east-1 (list prices of " PRICES_AS_OF
                         "; large results need more)\n",
                         lists, gets, heads, puts, price < 1 ? CENTS_AND_PARTS : CENTS, price);
}

char *dry_run_text(const struct dry_run *dry_run, const struct run_order *order,
                   const struct progress_counts *counts)
{
    uint64_t jobs = counts->total - dry_run->failures;
    struct buffer text;
    char size[16];

    buffer_init(&text, SIZE_MAX);
    buffer_append_format(
        &text,
        "would transcode %" PRIu64 " objects, %s, from %s to %s\n"
        "skipped: %" PRIu64 " folder markers, %" PRIu64 " empty, %" PRIu64 " not selected\n",
        jobs, number_format_size(dry_run->bytes, size, sizeof(size)), order->source_url,
        order->destination_url, counts->folder_markers, counts->empty_objects, counts->not_wanted);
    if (dry_run->asks && jobs)
        buffer_append_format(&text,
                             "not looked for: results that are there already; the run leaves "
                             "those as they are that --if-exists says\n");
    if (dry_run->failures)
        buffer_append_format(&text, "would fail for their names: %" PRIu64 "\n", dry_run->failures);
    append_requests(&text, order, counts, jobs, dry_run->asks);
    for (unsigned i = 0; i < dry_run->name_count; i++)
        buffer_append_format(&text, "  %s\n", dry_run->names[i]);
    if (counts->total > dry_run->name_count)
        buffer_append_format(&text, "  and %" PRIu64 " more\n",
                             counts->total - dry_run->name_count);
    return buffer_take(&text);
}

void dry_run_release(struct dry_run *dry_run)
{
    for (unsigned i = 0; i < dry_run->name_count; i++)
        free(dry_run->names[i]);
    *dry_run = (struct dry_run){ 0 };
}
