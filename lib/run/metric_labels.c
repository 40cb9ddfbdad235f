/* SPDX-License-Identifier: MIT */

/* Reads the labels of metrics. */

#include "run/metric_labels.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "run/metric_table.h"

/* CloudWatch's limit for a value. */
enum { VALUE_MAX = 1024 };

static bool refuse(struct error *err, const char *what, const char *text)
{
    return error_set(err, ERROR_USAGE, "Avmap.Usage", "--metrics-dimensions: \"%s\": %s", text,
                     what);
}

/* What avmap writes under that name itself. */
static bool is_taken(const char *name)
{
    static const char *const ours[] = { "status", "stage",    "shard",  "runId",
                                        "run_id", "finished", "version" };

    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
        if (strcmp(name, ours[i]) == 0)
            return true;
    }
    for (size_t i = 0; i < METRIC_COUNT; i++) {
        if (strcmp(name, metric_table[i].emf) == 0)
            return true;
    }
    return false;
}

static bool is_name(const char *name)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

    return isalpha((unsigned char)name[0]) && !name[strspn(name, plain)];
}

static bool is_value(const char *value)
{
    bool has_text = false;

    for (const char *at = value; *at; at++) {
        if (*at < ' ' || *at > '~')
            return false;
        has_text = has_text || *at != ' ';
    }
    return has_text && strlen(value) <= VALUE_MAX;
}

/* Takes entry, one NAME=VALUE, apart. */
static bool add(struct metric_labels *labels, const char *entry, struct error *err)
{
    const char *equals = strchr(entry, '=');
    struct metric_label *label = &labels->of[labels->count];

    if (!equals)
        return refuse(err, "not NAME=VALUE", entry);
    if (labels->count == METRIC_LABELS_MAX)
        return refuse(err, "more than 30 of them", entry);
    label->name = memory_copy_bytes(entry, (size_t)(equals - entry));
    label->value = memory_copy_text(equals + 1);
    labels->count++;
    if (!is_name(label->name))
        return refuse(err, "a name is a letter, then letters, digits and _", entry);
    if (!is_value(label->value))
        return refuse(err, "a value is up to 1024 printable ASCII characters", entry);
    if (is_taken(label->name))
        return refuse(err, "avmap itself uses this name", entry);
    for (size_t i = 0; i + 1 < labels->count; i++) {
        if (strcmp(labels->of[i].name, label->name) == 0)
            return refuse(err, "this name is there twice", entry);
    }
    return true;
}

bool metric_labels_parse(const char *text, struct metric_labels *labels, struct error *err)
{
    *labels = (struct metric_labels){ 0 };
    while (text && *text) {
        size_t length = strcspn(text, ",");
        char *entry = memory_copy_bytes(text, length);
        bool ok = add(labels, entry, err);

        free(entry);
        if (!ok)
            return false;
        text += length + (text[length] == ',');
    }
    return true;
}

void metric_labels_release(struct metric_labels *labels)
{
    for (size_t i = 0; i < labels->count; i++) {
        free(labels->of[i].name);
        free(labels->of[i].value);
    }
    labels->count = 0;
}
