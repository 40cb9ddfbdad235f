/* SPDX-License-Identifier: MIT */

/* Adds up the run.json of shards. */

#include "run/merge_run.h"

#include <stdint.h>
#include <string.h>

#include "base/clock.h"

static void add_number(json_t *to, const json_t *from, const char *name)
{
    json_t *sum = json_object_get(to, name);
    const json_t *value = json_object_get(from, name);

    if (json_is_integer(value) && json_is_integer(sum)) {
        /* Unsigned, as what overflows was no count anyway. */
        uint64_t total = (uint64_t)json_integer_value(sum) + (uint64_t)json_integer_value(value);

        json_integer_set(sum, (json_int_t)total);
    } else if (json_is_real(value) && json_is_real(sum)) {
        json_real_set(sum, json_real_value(sum) + json_real_value(value));
    }
}

/* How bad an end a shard came to. */
static unsigned badness(const json_t *run)
{
    static const char *const statuses[] = { "SUCCEEDED", "FAILED", "ABORTED" };
    const char *status = json_string_value(json_object_get(run, "status"));
    unsigned worst = sizeof(statuses) / sizeof(statuses[0]) - 1;

    while (worst > 0 && status && strcmp(status, statuses[worst]) != 0)
        worst--;
    return worst;
}

/* Dates are compared as text, which is in their order. */
bool merge_run_is_before(const json_t *one, const json_t *other, const char *name)
{
    const char *date = json_string_value(json_object_get(one, name));
    const char *other_date = json_string_value(json_object_get(other, name));

    return date && other_date && strcmp(date, other_date) < 0;
}

static void take(json_t *to, const json_t *from, const char *name)
{
    json_object_del(to, name);
    json_object_set(to, name, json_object_get(from, name));
}

/* Wall milliseconds of a date; false when it is none. */
static bool read_date(const json_t *run, const char *name, int64_t *wall_ms)
{
    const char *date = json_string_value(json_object_get(run, name));

    return date && clock_parse_iso(date, wall_ms);
}

void merge_run_set_rates(json_t *run)
{
    const json_t *counts = json_object_get(run, "itemCounts");
    json_t *throughput = json_object_get(run, "throughput");
    json_int_t ended = json_integer_value(json_object_get(counts, "total")) -
                       json_integer_value(json_object_get(counts, "pending"));
    double media = json_number_value(json_object_get(throughput, "mediaSeconds"));
    int64_t start_ms;
    int64_t stop_ms;
    double seconds;

    if (!json_is_object(throughput) || !read_date(run, "startDate", &start_ms) ||
        !read_date(run, "stopDate", &stop_ms))
        return;
    seconds = stop_ms > start_ms ? (double)(stop_ms - start_ms) / 1000 : 0.001;
    json_object_set_new(run, "seconds", json_real(seconds));
    json_object_set_new(throughput, "objectsPerSecond", json_real((double)ended / seconds));
    json_object_set_new(throughput, "timesRealTime", json_real(media / seconds));
}

void merge_run_add(json_t *to, const json_t *from)
{
    static const char *const totals[] = { "itemCounts", "skipped", "throughput" };

    for (size_t i = 0; i < sizeof(totals) / sizeof(totals[0]); i++) {
        json_t *group = json_object_get(from, totals[i]);
        const char *name;
        json_t *value;

        json_object_foreach(group, name, value)
            add_number(json_object_get(to, totals[i]), group, name);
    }
    add_number(to, from, "unreadableFolders");
    if (json_is_false(json_object_get(from, "listingComplete")))
        take(to, from, "listingComplete");
    if (badness(from) > badness(to)) {
        take(to, from, "status");
        take(to, from, "error");
    }
    if (merge_run_is_before(from, to, "startDate"))
        take(to, from, "startDate");
    if (merge_run_is_before(to, from, "stopDate"))
        take(to, from, "stopDate");
}
