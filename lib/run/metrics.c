/* SPDX-License-Identifier: MIT */

/* Writes metrics now and then. */

#include "run/metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/replace_file.h"
#include "base/ticker.h"
#include "run/metrics_text.h"
#include "store/location.h"

/* CloudWatch's limit for a namespace. */
enum { NAMESPACE_MAX = 255 };

struct metrics {
    struct metrics_settings settings;
    struct metric_labels labels;
    struct metrics_run run;
    struct metric_values written; /* what the last line told */
    struct ticker *ticker;        /* NULL unless started */
    bool started;
    bool complained;
};

static struct metrics_text text_of(const struct metrics *metrics, bool finished)
{
    const struct metrics_settings *settings = &metrics->settings;

    return (struct metrics_text){
        .labels = &metrics->labels,
        .namespace = settings->namespace ? settings->namespace : "avmap",
        .run_id = metrics->run.id,
        .shard = metrics->run.shard,
        .start_ms = metrics->run.start_ms,
        .now_ms = clock_wall_ms(),
        .finished = finished,
    };
}

static bool write_all(struct metrics *metrics, bool finished, struct error *err)
{
    struct metrics_text text = text_of(metrics, finished);
    struct progress_counts counts = progress_read(metrics->run.progress);
    struct s3_traffic traffic = s3_service_traffic(metrics->run.service);
    struct metric_values now = metric_table_values(&counts, &traffic);
    bool ok = true;

    if (metrics->settings.form == METRICS_EMF) {
        char *line = metrics_text_emf(&text, &now, &metrics->written);

        ok = puts(line) >= 0 && fflush(stdout) == 0;
        if (!ok)
            error_set(err, ERROR_LOCAL, "File.Error", "metrics cannot be written to stdout");
        free(line);
    }
    if (ok && metrics->settings.file) {
        char *file = metrics_text_prometheus(&text, &now);

        ok = replace_file(metrics->settings.file, file, strlen(file), err);
        free(file);
    }
    metrics->written = now;
    return ok;
}

/* Once the run goes, it goes on without metrics. */
static void write_or_complain(struct metrics *metrics, bool finished)
{
    struct error err;

    if (write_all(metrics, finished, &err) || metrics->complained)
        return;
    log_warning("%s; the run goes on", err.text);
    metrics->complained = true;
}

static void tick(void *arg)
{
    write_or_complain(arg, false);
}

struct metrics *metrics_new(const struct metrics_settings *settings, struct error *err)
{
    struct metrics *metrics = memory_new(1, sizeof(*metrics));
    const char *namespace = settings->namespace;

    metrics->settings = *settings;
    if (namespace && (strlen(namespace) > NAMESPACE_MAX || strncmp(namespace, "AWS/", 4) == 0)) {
        error_set(err, ERROR_USAGE, "Avmap.Usage",
                  "--metrics-namespace: up to 255 characters, and not AWS/ at its beginning");
    } else if (settings->file && location_is_s3(settings->file)) {
        error_set(err, ERROR_USAGE, "Avmap.Usage",
                  "--metrics-file: a file of this machine is wanted, not %s", settings->file);
    } else if (metric_labels_parse(settings->dimensions, &metrics->labels, err)) {
        return metrics;
    }
    metrics_free(metrics);
    return NULL;
}

bool metrics_start(struct metrics *metrics, const struct metrics_run *run, struct error *err)
{
    metrics->run = *run;
    if (metrics->settings.form == METRICS_NONE && !metrics->settings.file)
        return true;
    if (!write_all(metrics, false, err))
        return false;
    metrics->started = true;
    metrics->ticker = ticker_start((int64_t)metrics->settings.interval_ms, tick, metrics);
    return true;
}

void metrics_finish(struct metrics *metrics)
{
    ticker_stop(metrics->ticker);
    metrics->ticker = NULL;
    if (metrics->started)
        write_or_complain(metrics, true);
    metrics->started = false;
}

void metrics_free(struct metrics *metrics)
{
    if (!metrics)
        return;
    ticker_stop(metrics->ticker);
    metric_labels_release(&metrics->labels);
    free(metrics);
}
