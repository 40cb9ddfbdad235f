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
    bool in_s3 = item->object.bucket || order->source.kind == LOCATION_S3;
    char *from = item->problem ? memory_copy_text(item->object.key)
                               : location_object_url(&order->source, &item->object);

    if (failure) {
        dry_run->failures++;
    } else {
        dry_run->bytes += item->object.size;
        dry_run->unknown += item->object.size_unknown;
        dry_run->fetched += in_s3;
        dry_run->looked_up += in_s3 && item->object.needs_look_up;
    }
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

static void append_requests(struct buffer *text, const struct dry_run *dry_run,
                            const struct run_order *order, const struct progress_counts *counts,
                            uint64_t jobs)
{
    uint64_t listed =
        counts->total + counts->folder_markers + counts->empty_objects + counts->not_wanted;
    bool lists_s3 = order->source.kind == LOCATION_S3 && order->items == ITEMS_LISTED;
    bool writes = order->destination.kind == LOCATION_S3;
    uint64_t lists = lists_s3 ? listed / KEYS_PER_PAGE + 1 : 0;
    uint64_t gets = dry_run->fetched;
    uint64_t heads = dry_run->looked_up + (writes && dry_run->asks ? jobs : 0);
    uint64_t puts = writes ? jobs : 0;
    double price =
        ((double)(lists + puts) * price_write + (double)(gets + heads) * price_read) / 1000;

    if (lists + gets + heads + puts == 0)
        return;
    buffer_append_format(text,
                         "requests: %" PRIu64 " LIST, %" PRIu64 " GET, %" PRIu64 " HEAD, %" PRIu64
                         " PUT, about %.*f USD in us-east-1 (list prices of " PRICES_AS_OF
                         "; large results need more)\n",
                         lists, gets, heads, puts, price < 1 ? CENTS_AND_PARTS : CENTS, price);
}

/* "1.5 GiB", "at least 3.0 MiB (2 of unknown size)". */
static void append_size(struct buffer *text, const struct dry_run *dry_run, uint64_t jobs)
{
    char size[16];

    number_format_size(dry_run->bytes, size, sizeof(size));
    if (!dry_run->unknown)
        buffer_append_text(text, size);
    else if (dry_run->unknown == jobs)
        buffer_append_text(text, "of unknown size");
    else
        buffer_append_format(text, "at least %s (%" PRIu64 " of unknown size)", size,
                             dry_run->unknown);
}

char *dry_run_text(const struct dry_run *dry_run, const struct run_order *order,
                   const struct progress_counts *counts)
{
    uint64_t jobs = counts->total - dry_run->failures;
    struct buffer text;

    buffer_init(&text, SIZE_MAX);
    buffer_append_format(&text, "would transcode %" PRIu64 " objects, ", jobs);
    append_size(&text, dry_run, jobs);
    buffer_append_format(&text,
                         ", from %s to %s\n"
                         "skipped: %" PRIu64 " folder markers, %" PRIu64 " empty, %" PRIu64
                         " not selected\n",
                         order->source_url, order->destination_url, counts->folder_markers,
                         counts->empty_objects, counts->not_wanted);
    if (dry_run->asks && jobs)
        buffer_append_format(&text,
                             "not looked for: results that are there already; the run leaves "
                             "those as they are that --if-exists says\n");
    if (dry_run->failures)
        buffer_append_format(&text, "would fail for their names: %" PRIu64 "\n", dry_run->failures);
    append_requests(&text, dry_run, order, counts, jobs);
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
