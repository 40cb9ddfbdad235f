/* SPDX-License-Identifier: MIT */

/* Turns records into rows. */

#include "results/completion.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/percent.h"
#include "store/location.h"

/* Rows in memory before they go on in temporary files. */
enum { ROWS_IN_MEMORY = 8 * 1024 * 1024 };

struct completion {
    struct budget budget;
    struct spool report;
    struct spool made;
};

struct completion *completion_new(void)
{
    struct completion *completion = memory_new(1, sizeof(*completion));

    budget_init(&completion->budget, ROWS_IN_MEMORY);
    spool_init(&completion->report, &completion->budget);
    spool_init(&completion->made, &completion->budget);
    return completion;
}

void completion_free(struct completion *completion)
{
    if (!completion)
        return;
    spool_release(&completion->report);
    spool_release(&completion->made);
    free(completion);
}

static const char *text_of(const json_t *value, const char *name)
{
    const char *text = json_string_value(json_object_get(value, name));

    return text ? text : "";
}

/* An object in a string, as Input and Output are. */
static json_t *inner(const json_t *record, const char *name)
{
    return json_loads(text_of(record, name), 0, NULL);
}

/* Readers differ about quotes and backslashes in fields and about lines in rows. */
static void append_message(struct buffer *row, const char *text)
{
    buffer_append_text(row, "\"");
    for (; *text; text++) {
        char byte = *text;

        if ((unsigned char)byte < ' ' || byte == 0x7f)
            byte = ' ';
        if (byte == '"')
            byte = '\'';
        if (byte == '\\')
            buffer_append_text(row, "\\");
        buffer_append(row, &byte, 1);
    }
    buffer_append_text(row, "\"");
}

/* Buckets and versions need no quotes, unless somebody made them up. */
static void append_field(struct buffer *row, const char *text)
{
    if (text[strcspn(text, "\",\\\r\n")])
        append_message(row, text);
    else
        buffer_append_text(row, text);
    buffer_append_text(row, ",");
}

/* The exact key of an item, which may not be UTF-8. */
static void append_item(struct buffer *row, const json_t *input)
{
    char *exact = memory_copy_text(text_of(input, "KeyEncoded"));
    bool has_exact = exact[0] && percent_decode(exact, false);

    append_field(row, text_of(input, "Bucket"));
    percent_encode(row, has_exact ? exact : text_of(input, "Key"), PERCENT_KEEP_PATH);
    buffer_append_text(row, ",");
    append_field(row, text_of(input, "VersionId"));
    free(exact);
}

static bool append(struct spool *rows, struct buffer *row, struct error *err)
{
    bool ok = row->size == 0 || spool_write(rows, rows->size, row->bytes, row->size, err);

    buffer_release(row);
    return ok;
}

/* What was never begun is not done either, and whoever tries the failed rows again wants it. */
static bool add_report(struct completion *completion, const json_t *record, int http_status,
                       struct error *err)
{
    const char *status = text_of(record, "Status");
    json_t *input = inner(record, "Input");
    struct buffer row;

    buffer_init(&row, SIZE_MAX);
    append_item(&row, input);
    if (strcmp(status, "SUCCEEDED") == 0) {
        buffer_append_text(&row, "succeeded,,200,Successful\n");
    } else if (strcmp(status, "PENDING") == 0) {
        buffer_append_text(&row, "failed,Avmap.Pending,,\"it was not begun\"\n");
    } else {
        buffer_append_text(&row, "failed,");
        append_field(&row, text_of(record, "Error"));
        if (http_status)
            buffer_append_format(&row, "%d", http_status);
        buffer_append_text(&row, ",");
        append_message(&row, text_of(record, "Cause"));
        buffer_append_text(&row, "\n");
    }
    json_decref(input);
    return append(&completion->report, &row, err);
}

/* What was there already was there for the next step of an earlier run. */
static bool add_made(struct completion *completion, const json_t *record, struct error *err)
{
    json_t *output = inner(record, "Output");
    const json_t *files = json_object_get(output, "files");
    const json_t *file;
    struct buffer row;
    size_t i;

    buffer_init(&row, SIZE_MAX);
    json_array_foreach(files, i, file)
    {
        const char *url = text_of(file, "url");
        struct location location;
        struct error refusal;

        if (!location_is_s3(url))
            continue;
        if (location_parse(url, &location, &refusal)) {
            append_field(&row, location.container);
            percent_encode(&row, location.prefix, PERCENT_KEEP_PATH);
            buffer_append_text(&row, "\n");
        }
        location_release(&location);
    }
    json_decref(output);
    return append(&completion->made, &row, err);
}

bool completion_add(struct completion *completion, const char *record, int http_status,
                    struct error *err)
{
    json_t *value = json_loads(record, 0, NULL);
    bool ok = add_report(completion, value, http_status, err) && add_made(completion, value, err);

    json_decref(value);
    return ok;
}

const struct spool *completion_report(const struct completion *completion)
{
    return &completion->report;
}

const struct spool *completion_made(const struct completion *completion)
{
    return &completion->made;
}
