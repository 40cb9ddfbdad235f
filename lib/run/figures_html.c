/* SPDX-License-Identifier: MIT */

/* Figures as one page that loads nothing. */

#include <inttypes.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/number.h"
#include "run/figures.h"

/* No script, and nothing from anywhere, whatever a name tries. */
static const char head[] =
    "<!DOCTYPE html>\n"
    "<html lang=\"en\">\n"
    "<head>\n"
    "<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" "
    "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<title>avmap report</title>\n"
    "<style>\n"
    ":root { color-scheme: light dark; }\n"
    "body { font: 15px/1.45 system-ui, sans-serif; max-width: 60em; margin: 2em auto; "
    "padding: 0 1em; }\n"
    "table { border-collapse: collapse; width: 100%; }\n"
    "td, th { border-bottom: 1px solid #8884; padding: .3em .6em; text-align: left; "
    "vertical-align: top; overflow-wrap: anywhere; }\n"
    "td.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; "
    "overflow-wrap: normal; width: 1%; }\n"
    ".bar { display: flex; height: 1em; margin: 1em 0; background: #8884; }\n"
    ".made { background: #2a9d5c; } .kept { background: #8fce9f; } .bad { background: #c8423f; }\n"
    "</style>\n"
    "</head>\n"
    "<body>\n"
    "<h1>avmap report</h1>\n";

/* Text from anywhere; a bidi element keeps what turns the direction of writing inside. */
static void append_text(struct buffer *page, const char *text)
{
    buffer_append_text(page, "<bdi>");
    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;

        if (byte == '<')
            buffer_append_text(page, "&lt;");
        else if (byte == '>')
            buffer_append_text(page, "&gt;");
        else if (byte == '&')
            buffer_append_text(page, "&amp;");
        else if (byte == '"')
            buffer_append_text(page, "&quot;");
        else if (byte < ' ' || byte == 0x7f)
            buffer_append_text(page, "\xef\xbf\xbd"); /* U+FFFD */
        else
            buffer_append(page, text, 1);
    }
    buffer_append_text(page, "</bdi>");
}

static void append_row(struct buffer *page, const char *label, const char *value)
{
    if (!value[0])
        return;
    buffer_append_format(page, "<tr><th>%s</th><td>", label);
    append_text(page, value);
    buffer_append_text(page, "</td></tr>\n");
}

static void append_run(struct buffer *page, const struct figures *figures)
{
    char start[CLOCK_ISO_SIZE];
    char stop[CLOCK_ISO_SIZE];

    buffer_append_text(page, "<table>\n");
    append_row(page, "Run", figures->manifest.run_id);
    if (figures->manifest.generation)
        buffer_append_format(page, "<tr><th>Redrive</th><td>%u</td></tr>\n",
                             figures->manifest.generation);
    append_row(page, "Manifest", figures->manifest.url);
    append_row(page, "Status", figures_run_text(figures, "status"));
    append_row(page, "Source", figures_run_text(figures, "source"));
    append_row(page, "Destination", figures_run_text(figures, "destination"));
    append_row(page, "Command", figures_run_text(figures, "command"));
    if (figures->start_ms) {
        append_row(page, "First item", clock_format_iso(figures->start_ms, start));
        append_row(page, "Last item", clock_format_iso(figures->stop_ms, stop));
    }
    buffer_append_text(page, "</table>\n");
}

static void append_count(struct buffer *page, const char *label, uint64_t count)
{
    if (count)
        buffer_append_format(page, "<tr><td class=\"n\">%" PRIu64 "</td><td>%s</td></tr>\n", count,
                             label);
}

static void append_share(struct buffer *page, const char *class, uint64_t count, uint64_t total)
{
    if (count)
        buffer_append_format(page, "<div class=\"%s\" style=\"width:%.2f%%\"></div>", class,
                             100 * (double)count / (double)total);
}

static void append_counts(struct buffer *page, const struct figures *figures)
{
    uint64_t bad = figures->failed + figures->timed_out + figures->aborted + figures->unreadable;
    uint64_t total = figures->made + figures->kept + bad + figures->pending;

    buffer_append_text(page, "<h2>Items</h2>\n<div class=\"bar\">");
    append_share(page, "made", figures->made, total);
    append_share(page, "kept", figures->kept, total);
    append_share(page, "bad", bad, total);
    buffer_append_text(page, "</div>\n<table>\n");
    append_count(page, "made", figures->made);
    append_count(page, "unchanged: the result was there already", figures->kept);
    append_count(page, "failed", figures->failed);
    append_count(page, "timed out", figures->timed_out);
    append_count(page, "aborted", figures->aborted);
    append_count(page, "pending: not begun", figures->pending);
    append_count(page, "unreadable records", figures->unreadable);
    append_count(page, "in all", total);
    buffer_append_text(page, "</table>\n");
}

static void append_number(struct buffer *page, const char *label, double number, const char *unit)
{
    buffer_append_format(page, "<tr><td class=\"n\">%.1f%s</td><td>%s</td></tr>\n", number, unit,
                         label);
}

static void append_work(struct buffer *page, const struct figures *figures)
{
    double seconds = figures_seconds(figures);
    bool hours = figures->media_seconds >= 3600;
    char in[16];
    char out[16];

    if (!figures->start_ms)
        return;
    buffer_append_format(page,
                         "<h2>Work</h2>\n<table>\n"
                         "<tr><td class=\"n\">%s</td><td>read</td></tr>\n"
                         "<tr><td class=\"n\">%s</td><td>written</td></tr>\n",
                         number_format_size(figures->bytes_in, in, sizeof(in)),
                         number_format_size(figures->bytes_out, out, sizeof(out)));
    append_number(page, "of media", hours ? figures->media_seconds / 3600 : figures->media_seconds,
                  hours ? " h" : " s");
    append_number(page, "from the first item to the last", seconds, " s");
    if (seconds > 0) {
        append_number(page, "items per second", (double)figures_ended(figures) / seconds, "");
        append_number(page, "times real time", figures->media_seconds / seconds, "");
    }
    append_number(page, "waiting for a CPU, all items together", figures->waiting_seconds, " s");
    append_number(page, "downloading", figures->downloading_seconds, " s");
    append_number(page, "transcoding", figures->transcoding_seconds, " s");
    append_number(page, "uploading", figures->uploading_seconds, " s");
    append_count(page, "items with more than one attempt", figures->retried);
    append_count(page, "packets that could not be decoded", figures->decode_errors);
    buffer_append_text(page, "</table>\n");
}

static void append_failures(struct buffer *page, const char *word,
                            const struct figures_failures *failures)
{
    buffer_append_format(page, "<tr><td class=\"n\">%" PRIu64 "</td><td>", failures->count);
    append_text(page, word);
    buffer_append_text(page, "</td><td>");
    for (unsigned i = 0; i < failures->example_count; i++) {
        append_text(page, failures->examples[i].key);
        buffer_append_text(page, "<br>");
        append_text(page, failures->examples[i].cause);
        buffer_append_text(page, "<br>");
    }
    buffer_append_text(page, "</td></tr>\n");
}

static void append_all_failures(struct buffer *page, const struct figures *figures)
{
    if (figures->word_count || figures->warnings.count)
        buffer_append_text(page, "<h2>Failures and warnings</h2>\n<table>\n<tr><th></th><th>Error"
                                 "</th><th>Examples</th></tr>\n");
    for (unsigned i = 0; i < figures->word_count; i++)
        append_failures(page, figures->words[i].word, &figures->words[i]);
    append_count(page, "others", figures->other_failures);
    if (figures->warnings.count)
        append_failures(page, "warnings", &figures->warnings);
    if (figures->word_count || figures->warnings.count)
        buffer_append_text(page, "</table>\n");
}

static void append_top(struct buffer *page, const char *label, const struct figures_top *top,
                       bool is_bytes)
{
    if (!top->count)
        return;
    buffer_append_format(page, "<h2>%s</h2>\n<table>\n", label);
    for (unsigned i = 0; i < top->count; i++) {
        double value = top->items[i].value;
        char size[16];

        buffer_append_text(page, "<tr><td class=\"n\">");
        if (is_bytes)
            buffer_append_text(page, number_format_size((uint64_t)value, size, sizeof(size)));
        else
            buffer_append_format(page, "%.1f s", value);
        buffer_append_text(page, "</td><td>");
        append_text(page, top->items[i].key);
        buffer_append_text(page, "</td></tr>\n");
    }
    buffer_append_text(page, "</table>\n");
}

char *figures_html(const struct figures *figures)
{
    struct buffer page;

    buffer_init(&page, SIZE_MAX);
    buffer_append_text(&page, head);
    append_run(&page, figures);
    append_counts(&page, figures);
    append_work(&page, figures);
    append_all_failures(&page, figures);
    append_top(&page, "Slowest", &figures->slowest, false);
    append_top(&page, "Largest", &figures->largest, true);
    buffer_append_text(&page, "</body>\n</html>\n");
    return buffer_take(&page);
}
