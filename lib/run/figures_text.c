/* SPDX-License-Identifier: MIT */

/* Figures for a terminal. */

#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/number.h"
#include "base/printable.h"
#include "run/figures.h"

/* Names and causes come from anywhere and could move the cursor. */
static void append_printable(struct buffer *text, const char *foreign)
{
    char *printable = printable_text(foreign);

    buffer_append_text(text, printable);
    free(printable);
}

static void append_line(struct buffer *text, const char *label, const char *value)
{
    if (!value[0])
        return;
    buffer_append_format(text, "%-13s", label);
    append_printable(text, value);
    buffer_append_text(text, "\n");
}

static void append_count(struct buffer *text, const char *label, uint64_t count)
{
    if (count)
        buffer_append_format(text, "  %-11s%12" PRIu64 "\n", label, count);
}

static void append_head(struct buffer *text, const struct figures *figures)
{
    char date[CLOCK_ISO_SIZE];

    append_line(text, "run", figures->manifest.run_id);
    if (figures->manifest.generation)
        buffer_append_format(text, "%-13s%u\n", "redrive", figures->manifest.generation);
    append_line(text, "status", figures_run_text(figures, "status"));
    append_line(text, "source", figures_run_text(figures, "source"));
    append_line(text, "destination", figures_run_text(figures, "destination"));
    if (figures->start_ms) {
        append_line(text, "first item", clock_format_iso(figures->start_ms, date));
        append_line(text, "last item", clock_format_iso(figures->stop_ms, date));
    }
}

static void append_counts(struct buffer *text, const struct figures *figures)
{
    buffer_append_format(text, "\nitems\n");
    append_count(text, "made", figures->made);
    append_count(text, "unchanged", figures->kept);
    append_count(text, "failed", figures->failed);
    append_count(text, "timed out", figures->timed_out);
    append_count(text, "aborted", figures->aborted);
    append_count(text, "pending", figures->pending);
    append_count(text, "unreadable", figures->unreadable);
    buffer_append_format(text, "  %-11s%12" PRIu64 "\n", "in all",
                         figures_ended(figures) + figures->pending + figures->unreadable);
}

static void append_work(struct buffer *text, const struct figures *figures)
{
    double seconds = figures_seconds(figures);
    bool hours = figures->media_seconds >= 3600;
    char in[16];
    char out[16];

    if (!figures->start_ms)
        return;
    number_format_size(figures->bytes_in, in, sizeof(in));
    number_format_size(figures->bytes_out, out, sizeof(out));
    buffer_append_format(text,
                         "\nwork\n"
                         "  read %s, written %s, %.1f %s of media in %.1f s\n",
                         in, out, hours ? figures->media_seconds / 3600 : figures->media_seconds,
                         hours ? "h" : "s", seconds);
    if (seconds > 0)
        buffer_append_format(text, "  %.1f items/s, %.0fx real time\n",
                             (double)figures_ended(figures) / seconds,
                             figures->media_seconds / seconds);
    buffer_append_format(text,
                         "  seconds of all items together: %.1f waiting for a CPU, %.1f "
                         "downloading, %.1f transcoding, %.1f uploading\n",
                         figures->waiting_seconds, figures->downloading_seconds,
                         figures->transcoding_seconds, figures->uploading_seconds);
    if (figures->retried)
        buffer_append_format(text, "  %" PRIu64 " items took more than one attempt\n",
                             figures->retried);
    if (figures->decode_errors)
        buffer_append_format(text, "  %" PRIu64 " packets could not be decoded\n",
                             figures->decode_errors);
}

static void append_examples(struct buffer *text, const struct figures_failures *failures)
{
    for (unsigned i = 0; i < failures->example_count; i++) {
        buffer_append_text(text, "    ");
        append_printable(text, failures->examples[i].key);
        buffer_append_text(text, ": ");
        append_printable(text, failures->examples[i].cause);
        buffer_append_text(text, "\n");
    }
    if (failures->count > failures->example_count)
        buffer_append_format(text, "    and %" PRIu64 " more\n",
                             failures->count - failures->example_count);
}

static void append_failures(struct buffer *text, const struct figures *figures)
{
    if (figures->word_count)
        buffer_append_text(text, "\nfailures\n");
    for (unsigned i = 0; i < figures->word_count; i++) {
        buffer_append_format(text, "  %" PRIu64 " ", figures->words[i].count);
        append_printable(text, figures->words[i].word[0] ? figures->words[i].word : "(no word)");
        buffer_append_text(text, "\n");
        append_examples(text, &figures->words[i]);
    }
    if (figures->other_failures)
        buffer_append_format(text, "  %" PRIu64 " with other words\n", figures->other_failures);
    if (figures->warnings.count) {
        buffer_append_format(text, "\nwarnings\n  %" PRIu64 " results\n", figures->warnings.count);
        append_examples(text, &figures->warnings);
    }
}

static void append_top(struct buffer *text, const char *label, const struct figures_top *top,
                       bool is_bytes)
{
    if (top->count)
        buffer_append_format(text, "\n%s\n", label);
    for (unsigned i = 0; i < top->count; i++) {
        double value = top->items[i].value;
        char size[16];

        if (is_bytes)
            buffer_append_format(text, "  %12s ",
                                 number_format_size((uint64_t)value, size, sizeof(size)));
        else
            buffer_append_format(text, "  %10.1f s ", value);
        append_printable(text, top->items[i].key);
        buffer_append_text(text, "\n");
    }
}

char *figures_text(const struct figures *figures)
{
    struct buffer text;

    buffer_init(&text, SIZE_MAX);
    append_head(&text, figures);
    append_counts(&text, figures);
    append_work(&text, figures);
    append_failures(&text, figures);
    append_top(&text, "slowest", &figures->slowest, false);
    append_top(&text, "largest", &figures->largest, true);
    return buffer_take(&text);
}
