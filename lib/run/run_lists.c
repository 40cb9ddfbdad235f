/* SPDX-License-Identifier: MIT */

/* Places and stores the lists. */

#include "run/run_lists.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Puts the shard's number before the extension. */
static void add_shard(char **key, unsigned index)
{
    const char *slash = strrchr(*key, '/');
    const char *name = slash ? slash + 1 : *key;
    const char *dot = strrchr(name, '.');
    size_t stem = dot && dot > name ? (size_t)(dot - *key) : strlen(*key);
    char *longer = memory_format("%.*s-%05u%s", (int)stem, *key, index, *key + stem);

    free(*key);
    *key = longer;
}

static bool read_list(struct run_list *list, const char *option, const char *text,
                      const struct run_order *order, struct error *err)
{
    if (!text)
        return true;
    if (!location_parse_object(text, &list->place, &list->key, err)) {
        error_prefix(err, "%s", option);
        return false;
    }
    if (order->shard.count)
        add_shard(&list->key, order->shard.index);
    return true;
}

static bool refuse_same(const struct run_list *one, const struct run_list *other, struct error *err)
{
    char *url = one->key ? location_url(&one->place, one->key) : NULL;
    char *other_url = other->key ? location_url(&other->place, other->key) : NULL;
    bool same = url && other_url && strcmp(url, other_url) == 0;

    if (same)
        error_set(err, ERROR_USAGE, "Avmap.Usage",
                  "--completion-report and --result-list are both %s; give each its own", url);
    free(url);
    free(other_url);
    return !same;
}

bool run_lists_read(struct run_lists *lists, const struct run_settings *settings,
                    const struct run_order *order, struct error *err)
{
    if (settings->result_list && order->destination.kind != LOCATION_S3)
        return error_set(err, ERROR_USAGE, "Avmap.Usage",
                         "--result-list: S3 Batch Operations takes objects in S3, and the results "
                         "go to the folder %s",
                         order->destination_url);
    if (settings->completion_report || settings->result_list)
        lists->completion = completion_new();
    return read_list(&lists->report, "--completion-report", settings->completion_report, order,
                     err) &&
           read_list(&lists->made, "--result-list", settings->result_list, order, err) &&
           refuse_same(&lists->report, &lists->made, err);
}

static bool store_rows(const struct run_list *list, const struct spool *rows,
                       struct s3_service *service, const struct cancel *cancel, struct error *err)
{
    struct store_put_request request = { .content_type = "text/csv", .is_record = true };
    struct store *store;
    char *url;
    bool ok;

    if (!list->key)
        return true;
    store = store_open(&list->place, service, cancel, true, err);
    ok = store && store_put(store, list->key, rows, &request, NULL, err);
    if (!ok) {
        url = location_url(&list->place, list->key);
        error_prefix(err, "write %s", url);
        free(url);
    }
    store_close(store);
    return ok;
}

bool run_lists_store(const struct run_lists *lists, struct s3_service *service,
                     const struct cancel *cancel, struct error *err)
{
    const struct completion *completion = lists->completion;

    return !completion ||
           (store_rows(&lists->report, completion_report(completion), service, cancel, err) &&
            store_rows(&lists->made, completion_made(completion), service, cancel, err));
}

void run_lists_release(struct run_lists *lists)
{
    location_release(&lists->report.place);
    location_release(&lists->made.place);
    free(lists->report.key);
    free(lists->made.key);
    completion_free(lists->completion);
    *lists = (struct run_lists){ 0 };
}
